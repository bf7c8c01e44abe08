import { colorManipulator } from '@grafana/data'
import type { GrafanaTheme2 } from '@grafana/data'
import * as schemes from 'd3-scale-chromatic'

/** The colours of a heatmap: of a scheme, or of one colour with a varying opacity. */
export interface ColorOptions {
  readonly mode: 'scheme' | 'opacity'
  readonly scheme: string
  readonly steps: number
  readonly reverse: boolean
  readonly fill: string
  /** For the opacity. A scheme is always linear. */
  readonly scale?: 'linear' | 'exponential'
  readonly exponent: number
}

/** Returns a function from a share between 0 and 1 to its colour. */
export function createColorScale (options: ColorOptions, theme: GrafanaTheme2): (share: number) => string {
  const { mode, steps, fill, scale, exponent } = options
  const toStep = (share: number) => Math.round(share * (steps - 1)) / (steps - 1)
  if (mode === 'scheme') {
    const colorOf = createScheme(options)
    return share => colorOf(toStep(share))
  }
  const color = theme.visualization.getColorByName(fill)
  return share => colorManipulator.alpha(color, toStep(share) ** (scale === 'exponential' ? exponent : 1))
}

/** In the dark theme, Grafana reverses the schemes of one hue, so low values are dark. */
function createScheme ({ scheme, reverse }: ColorOptions): (share: number) => string {
  const interpolators = schemes as unknown as Record<string, ((share: number) => string) | undefined>
  const interpolate = interpolators[`interpolate${scheme}`]
  if (interpolate === undefined) throw new Error(`The colour scheme ${scheme} does not exist.`)
  return share => interpolate(reverse ? share : 1 - share)
}

import { getFieldDisplayValues, VizOrientation } from '@grafana/data'
import type { DataFrame, FieldDisplay, ReduceDataOptions } from '@grafana/data'
import { BigValue, BigValueTextMode, VizRepeater, useTheme2 } from '@grafana/ui'
import type { BigValueColorMode, BigValueGraphMode, BigValueJustifyMode } from '@grafana/ui'
import type { ComponentProps } from 'react'
import type { PanelJson } from '../snapshot.js'
import { getFieldConfig } from './frames.js'

interface StatOptions {
  readonly reduceOptions: ReduceDataOptions
  readonly colorMode: BigValueColorMode
  readonly graphMode: BigValueGraphMode
  readonly justifyMode: BigValueJustifyMode
  readonly textMode: BigValueTextMode
  readonly orientation: VizOrientation
  readonly wideLayout?: boolean
  readonly text?: ComponentProps<typeof BigValue>['text']
}

interface Props {
  readonly panel: PanelJson
  readonly frames: DataFrame[]
  readonly width: number
  readonly height: number
}

/** The big numbers of a stat panel, arranged as Grafana does. */
export function Stats ({ panel, frames, width, height }: Props) {
  const theme = useTheme2()
  const options = panel.options as unknown as StatOptions
  const { colorMode, graphMode, justifyMode, textMode, orientation, wideLayout = true, text } = options
  const getValues = () => getFieldDisplayValues({
    data: frames,
    reduceOptions: options.reduceOptions,
    fieldConfig: getFieldConfig(panel),
    replaceVariables: text => text,
    theme,
    timeZone: 'utc',
    sparkline: graphMode !== 'none'
  })
  return (
    <VizRepeater<FieldDisplay>
      getValues={getValues} source={frames} renderCounter={0} orientation={orientation} autoGrid
      width={width} height={height}
      renderValue={({ value: { display, sparkline, hasLinks = false }, width, height, count }) => (
        <BigValue
          value={display} sparkline={sparkline} hasLinks={hasLinks} count={count} width={width} height={height}
          theme={theme} colorMode={colorMode} graphMode={graphMode} justifyMode={justifyMode} textMode={textMode}
          text={text} disableWideLayout={!wideLayout}
        />
      )}
    />
  )
}

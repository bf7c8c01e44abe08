import { FieldType, getValueFormat, formattedValueToString } from '@grafana/data'
import type { DataFrame } from '@grafana/data'
import { useTheme2 } from '@grafana/ui'
import { useEffect, useRef } from 'react'
import { createColorScale } from './color-scale.js'
import type { ColorOptions } from './color-scale.js'

/** The options of Grafana's heatmap that the dashboards use. */
export interface HeatmapOptions {
  readonly color: ColorOptions
  readonly cellGap: number
  readonly filterValues: { readonly le: number }
  readonly yAxis: { readonly unit: string }
  readonly cellValues: { readonly unit: string }
}

interface Props {
  readonly frame: DataFrame
  readonly options: HeatmapOptions
  readonly from: number
  readonly to: number
  readonly step: number
  readonly width: number
  readonly height: number
}

const MARGIN = 10
const AXIS_WIDTH = 64
const AXIS_HEIGHT = 22
const SCALE_HEIGHT = 36
const MAX_SCALE_WIDTH = 280
/** The minimum distance between two labels of the time axis. */
const TICK_WIDTH = 72
const TICKS_MS = [5, 10, 15, 30, 60, 120, 300, 600].map(seconds => 1000 * seconds)

/**
 * A replacement for Grafana's heatmap, which is not published. Each bucket is a row. In the dark theme, a higher value
 * has a brighter colour.
 */
export function Heatmap ({ frame, options, from, to, step, width, height }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useTheme2()

  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const [timeField, ...buckets] = frame.fields
    const values = buckets.filter(({ type }) => type === FieldType.number).map(field => field.values as number[])
    const shown = values.flat().filter(value => value > options.filterValues.le)
    const [low, high] = [Math.min(...shown), Math.max(...shown)]
    const color = createColorScale(options.color, theme)
    const colorOf = (value: number) => color(high === low ? 1 : (value - low) / (high - low))

    const plot = {
      left: AXIS_WIDTH,
      top: MARGIN,
      width: width - AXIS_WIDTH - MARGIN,
      height: height - AXIS_HEIGHT - SCALE_HEIGHT - MARGIN
    }
    const row = plot.height / buckets.length
    const x = (time: number) => plot.left + plot.width * (time - from) / (to - from)
    const y = (bucket: number) => plot.top + plot.height - bucket * row

    context.font = `12px ${theme.typography.fontFamily}`
    context.textBaseline = 'middle'
    context.strokeStyle = theme.isDark ? 'rgba(240, 250, 255, 0.09)' : 'rgba(0, 10, 23, 0.09)'
    context.fillStyle = theme.colors.text.primary

    const unit = getValueFormat(options.yAxis.unit)
    const every = Math.ceil(16 / row)
    context.textAlign = 'right'
    for (const [i, { name }] of buckets.entries()) {
      line(context, plot.left, y(i), plot.left + plot.width, y(i))
      const label = name === '+Inf' ? name : formattedValueToString(unit(Number(name)))
      if ((buckets.length - 1 - i) % every === 0) context.fillText(label, plot.left - 8, y(i + 1))
    }
    context.textAlign = 'center'
    const tick = TICKS_MS.find(ms => plot.width * ms / (to - from) >= TICK_WIDTH) ?? to - from
    for (let time = Math.ceil(from / tick) * tick; time <= to; time += tick) {
      line(context, x(time), plot.top, x(time), plot.top + plot.height)
      const label = new Date(time).toISOString().slice(11, 19)
      if (x(time) + 24 < width) context.fillText(label, x(time), plot.top + plot.height + 13)
    }

    const gap = options.cellGap
    context.save()
    context.beginPath()
    context.rect(plot.left, plot.top, plot.width, plot.height)
    context.clip()
    for (const [bucket, counts] of values.entries()) {
      for (const [i, count] of counts.entries()) {
        if (count <= options.filterValues.le) continue
        context.fillStyle = colorOf(count)
        // The events of a point happened in the step before it.
        const left = x((timeField?.values[i] ?? 0) - step)
        context.fillRect(left + gap, y(bucket + 1) + gap, x(from + step) - plot.left - gap, row - gap)
      }
    }
    context.restore()

    const top = height - 24
    const scaleWidth = Math.min(MAX_SCALE_WIDTH, plot.width)
    for (let i = 0; i < scaleWidth; i++) {
      context.fillStyle = color(i / (scaleWidth - 1))
      context.fillRect(plot.left + i, top, 1, 8)
    }
    context.fillStyle = theme.colors.text.primary
    const cell = getValueFormat(options.cellValues.unit)
    for (const share of [0, 0.5, 1]) {
      context.textAlign = share === 0 ? 'left' : share === 1 ? 'right' : 'center'
      const label = formattedValueToString(cell(low + share * (high - low), 2))
      context.fillText(label, plot.left + share * scaleWidth, top + 17)
    }
  }, [frame, options, from, to, step, width, height, theme])

  return <canvas ref={canvas} width={width} height={height} />
}

function line (context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x2, y2)
  context.stroke()
}

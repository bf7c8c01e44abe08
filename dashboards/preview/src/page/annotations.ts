import type { UPlotConfigBuilder } from '@grafana/ui'
import type { Annotation } from '../snapshot.js'

const COLORS: Readonly<Record<string, string>> = {
  blue: '#5794f2', purple: '#b877d9', red: '#f2495c', orange: '#ff9830', green: '#73bf69', yellow: '#fade2a'
}
const LINE_HEIGHT = 13
/** Builders that already have the hook. */
const withHook = new WeakSet<UPlotConfigBuilder>()

interface DrawOptions {
  readonly annotations: readonly Annotation[]
  /** Whether the titles are written beside the lines. Grafana shows them when the mouse is over the arrow. */
  readonly withTitles: boolean
}

/** Draws annotations as Grafana does: dashed lines, an arrow below a time, and an area with a bar below a duration. */
export function drawAnnotations (builder: UPlotConfigBuilder, { annotations, withTitles }: DrawOptions): null {
  if (withHook.has(builder)) return null
  withHook.add(builder)
  builder.addHook('draw', ({ ctx, bbox, valToPos }) => {
    ctx.save()
    const bottom = bbox.top + bbox.height
    /** The right end of the last title in each line. */
    const ends: number[] = []
    for (const { time, timeEnd, title, color } of annotations) {
      const [left, right] = [time, timeEnd].map(value => Math.round(valToPos(value, 'x', true))) as [number, number]
      ctx.strokeStyle = ctx.fillStyle = COLORS[color] ?? color
      ctx.setLineDash([5, 5])
      for (const x of new Set([left, right])) {
        ctx.beginPath()
        ctx.moveTo(x, bbox.top)
        ctx.lineTo(x, bottom)
        ctx.stroke()
      }
      if (left === right) drawArrow(ctx, left, bottom)
      else {
        ctx.fillRect(left, bottom, right - left, 5)
        ctx.globalAlpha = 0.1
        ctx.fillRect(left, bbox.top, right - left, bbox.height)
        ctx.globalAlpha = 1
      }
      if (withTitles) writeTitle(ctx, { title, x: left, plot: bbox, ends })
    }
    ctx.restore()
  })
  return null
}

function drawArrow (ctx: CanvasRenderingContext2D, x: number, y: number): void {
  ctx.beginPath()
  ctx.moveTo(x, y)
  ctx.lineTo(x - 5, y + 6)
  ctx.lineTo(x + 5, y + 6)
  ctx.fill()
}

interface Title {
  readonly title: string
  readonly x: number
  readonly plot: Readonly<Record<'left' | 'top' | 'width', number>>
  readonly ends: number[]
}

/** Writes a title in the first line in which it does not overlap another one, to the left if there is no space. */
function writeTitle (ctx: CanvasRenderingContext2D, { title, x, plot, ends }: Title): void {
  ctx.font = '11px Inter'
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  const { width } = ctx.measureText(title)
  const start = x + 4 + width > plot.left + plot.width ? x - 4 - width : x + 4
  const free = ends.findIndex(end => end < start)
  const line = free < 0 ? ends.length : free
  ends[line] = start + width + 4
  ctx.fillText(title, start, plot.top + LINE_HEIGHT * (line + 1) - 2)
}

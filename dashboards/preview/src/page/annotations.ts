import type { UPlotConfigBuilder } from '@grafana/ui'
import type { Annotation } from '../snapshot.js'

const COLORS: Readonly<Record<string, string>> = { blue: '#5794f2', purple: '#b877d9' }
/** Builders that already have the hook. */
const withHook = new WeakSet<UPlotConfigBuilder>()

/** Draws annotations as Grafana does: a dashed line, and an arrow below it. */
export function drawAnnotations (builder: UPlotConfigBuilder, annotations: readonly Annotation[]): null {
  if (withHook.has(builder)) return null
  withHook.add(builder)
  builder.addHook('draw', ({ ctx, bbox, valToPos }) => {
    ctx.save()
    for (const { time, color } of annotations) {
      const x = Math.round(valToPos(time, 'x', true))
      const bottom = bbox.top + bbox.height
      ctx.strokeStyle = ctx.fillStyle = COLORS[color] ?? color
      ctx.setLineDash([5, 5])
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bottom)
      ctx.stroke()
      ctx.beginPath()
      ctx.moveTo(x, bottom)
      ctx.lineTo(x - 5, bottom + 6)
      ctx.lineTo(x + 5, bottom + 6)
      ctx.fill()
    }
    ctx.restore()
  })
  return null
}

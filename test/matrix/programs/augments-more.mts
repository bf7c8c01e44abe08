// A second ES module that adds metrics, and uses the metrics of `uses.cts`.
import type { FastifyInstance } from 'fastify'
import type { GaugeHandle } from 'dynoai-metrics'

declare module 'dynoai-metrics' {
  interface BusinessMetrics {
    readonly openDoors: GaugeHandle<{ readonly side: 'left' | 'right' }>
  }
}

export function use ({ metrics }: FastifyInstance): void {
  metrics.openDoors.set({ side: 'left' }, 1)
  metrics.vansTotal.inc({ full: 'yes' })
}

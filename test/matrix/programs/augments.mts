// An ES module that adds metrics. `uses.cts` uses them, and adds others.
import type { HandlesOf, MetricDefinitions } from 'dynoai-metrics'

export const depot = {
  cratesTotal: { type: 'counter', help: 'Crates delivered', labels: { size: ['small', 'large'] } }
} as const satisfies MetricDefinitions

declare module 'dynoai-metrics' {
  interface BusinessMetrics extends HandlesOf<typeof depot> {}
}

import type { FastifyMetrics } from 'dynoai-metrics'

/** Metrics that write down each call as `[property, method, …arguments]`, so that a test sees their order too. */
export function recordedMetrics () {
  const calls: unknown[][] = []
  const metrics = new Proxy({}, {
    get: (_, property) => new Proxy({}, {
      get: (_, method) => (...args: unknown[]) => {
        calls.push([property, method, ...args])
        return (...ended: unknown[]) => { calls.push([property, `${String(method)} ended`, ...ended]) }
      }
    })
  })
  // A proxy has every property that a user of the metrics reads.
  return { calls, metrics: metrics as FastifyMetrics }
}

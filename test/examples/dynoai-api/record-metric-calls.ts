import type { FastifyMetrics } from 'dynoai-metrics'

/** Creates metrics that record each call as `[property, method, …arguments]`, so a test can check their order. */
export function recordMetricCalls () {
  const calls: unknown[][] = []
  const metrics = new Proxy({}, {
    get: (_, property) => new Proxy({}, {
      get: (_, method) => (...args: unknown[]) => {
        calls.push([property, method, ...args])
        return (...ended: unknown[]) => { calls.push([property, `${String(method)} ended`, ...ended]) }
      }
    })
  })
  // The proxy has every property that code reads from the metrics.
  return { calls, metrics: metrics as FastifyMetrics }
}

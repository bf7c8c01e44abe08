import { collectDefaultMetrics, Registry } from 'prom-client'
import type { NamedMetric } from './registry.js'
import type { MetricsRegistry, RuntimeMetricsSettings } from './types.js'

// prom-client's collectors start an event-loop monitor and an observer of garbage collection that nothing can stop
// (siimon/prom-client#500), so all instances of a process that want the same share one set.
const collectors = new Map<string, readonly NamedMetric[]>()

/** Adds `process_*` and `nodejs_*` to the registry, less those that it has already. */
export function addRuntimeMetrics (registry: MetricsRegistry, settings: RuntimeMetricsSettings): void {
  for (const metric of runtimeMetrics(settings)) {
    if (registry.getSingleMetric(metric.name) === undefined) registry.registerMetric(metric)
  }
}

function runtimeMetrics (settings: RuntimeMetricsSettings): readonly NamedMetric[] {
  const key = JSON.stringify(settings)
  let metrics = collectors.get(key)
  if (metrics === undefined) {
    const register = new Registry()
    collectDefaultMetrics({ ...settings, register })
    // prom-client's types leave out what its metrics have.
    metrics = register.getMetricsAsArray() as unknown as readonly NamedMetric[]
    collectors.set(key, metrics)
  }
  return metrics
}

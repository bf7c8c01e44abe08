import { collectDefaultMetrics, Registry } from 'prom-client'
import type { NamedMetric } from './registry.js'
import type { MetricsRegistry, RuntimeMetricsSettings } from './types.js'

/** What prom-client's metrics have beside their types. */
interface RuntimeMetric extends NamedMetric {
  readonly help: string
  readonly labelNames: readonly string[]
  get (): Promise<object>
  getForPromString? (): Promise<object>
}

// prom-client's collectors start an event-loop monitor and an observer of garbage collection that nothing can stop
// (siimon/prom-client#500), so all instances of a process that want the same share one set.
const collectors = new Map<string, readonly RuntimeMetric[]>()

/** `process_*` and `nodejs_*` for a registry, less those that it has already. */
export function runtimeMetrics (registry: MetricsRegistry, settings: RuntimeMetricsSettings): NamedMetric[] {
  return sharedMetrics(settings).filter(({ name }) => registry.getSingleMetric(name) === undefined).map(viewOf)
}

function sharedMetrics (settings: RuntimeMetricsSettings): readonly RuntimeMetric[] {
  const key = JSON.stringify(settings)
  let metrics = collectors.get(key)
  if (metrics === undefined) {
    const register = new Registry()
    collectDefaultMetrics({ ...settings, register })
    metrics = register.getMetricsAsArray() as unknown as readonly RuntimeMetric[]
    collectors.set(key, metrics)
  }
  return metrics
}

// Each registry has its own view of a metric that is shared: an OpenMetrics registry renames its counters, and a reset
// of one instance must not take away what another has counted.
function viewOf (metric: RuntimeMetric): NamedMetric {
  const { name, help, type, labelNames } = metric
  const view = {
    name,
    help,
    type,
    labelNames,
    get: async () => ({ ...await metric.get(), name: view.name }),
    getForPromString: async () => ({ ...await (metric.getForPromString?.() ?? metric.get()), name: view.name }),
    reset () {}
  }
  return view
}

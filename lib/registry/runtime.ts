import { collectDefaultMetrics, Registry } from 'prom-client'
import type { MetricsRegistry, RuntimeMetricsSettings } from '../types/index.js'
import { processWide } from '../util/process-wide.js'
import { eventLoopMetrics } from './event-loop.js'
import type { NamedMetric } from './plugin-metric.js'
import { SharedCollection } from './shared-collection.js'
import type { SharedMetric } from './shared-collection.js'

// prom-client's collectors start an event-loop monitor and an observer of garbage collection that cannot be stopped
// (siimon/prom-client#500). So all plugin instances of a process with the same settings share one collection, even if
// they come from different copies of this package.
const collections = processWide('runtime-collections', () => new Map<string, SharedCollection>())

/** The metrics `process_*` and `nodejs_*` for a registry, without those that the registry has already. */
export function runtimeMetrics (registry: MetricsRegistry, settings: RuntimeMetricsSettings): NamedMetric[] {
  const metrics = [...collectionFor(settings).views(), ...eventLoopMetrics(settings)]
  return metrics.filter(({ name }) => registry.getSingleMetric(name) === undefined)
}

/** The names of the metrics of prom-client's default collectors, of those of newer versions, and of this plugin. */
const RUNTIME_NAME = /^(?:nodejs_|process_(?:cpu_|start_time_|resident_|virtual_|heap_|open_|max_))/

/** Whether a name is that of a runtime metric, of which each process has its own. */
export function isRuntimeMetric (name: string, { prefix = '' }: RuntimeMetricsSettings): boolean {
  return name.startsWith(prefix) && RUNTIME_NAME.test(name.slice(prefix.length))
}

function collectionFor (settings: RuntimeMetricsSettings): SharedCollection {
  const key = JSON.stringify(settings)
  let collection = collections.get(key)
  if (collection === undefined) {
    const register = new Registry()
    collectDefaultMetrics({ ...settings, register })
    collection = new SharedCollection(register.getMetricsAsArray() as unknown as readonly SharedMetric[])
    collections.set(key, collection)
  }
  return collection
}

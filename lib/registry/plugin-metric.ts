import type { Family } from '../series/family.js'
import type { RegistryMetric } from '../types/index.js'

/** One sample in the form of prom-client's `get()`. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** The sample's name where it is not the metric's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string
}

/** A metric of our own whose values are made when they are asked for; `reset` is left out where they are not ours to set back. */
export interface ValuesMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labelNames: readonly string[]
  /** How prom-client merges the samples of several processes. @default 'sum' */
  readonly aggregator?: 'sum' | 'first'
  /** Its samples; `undefined` among them is where a reader can pause, so that many series need not be read at once. */
  values (): Iterable<Sample | undefined>
  reset? (): void
}

/** What a metric of our own was made of: the series of a family lie in the store, where they can be read one by one. */
export type PluginMetric = ValuesMetric | Family

/** What metrics have beside what a registry needs of them; one of another make may not say what its labels are. */
export interface NamedMetric extends RegistryMetric {
  readonly name: string
  readonly type: string
  readonly labelNames?: readonly string[]
}

/** What each metric of our own was made of; no property of it, since another object could claim to have that. */
const pluginMetrics = new WeakMap<object, PluginMetric>()

/** A metric of our own in the shape that a registry reads: `name`, `help`, `type`, `get`, `getForPromString`, `reset`. */
export function registryMetric (own: ValuesMetric): NamedMetric {
  const { name, help, type, labelNames, aggregator = 'sum' } = own
  const metric = {
    name,
    help,
    type,
    labelNames,
    // The name as it stands by then: for OpenMetrics prom-client cuts `_total` off it, and adds it to the samples again.
    get: async () => ({ name: metric.name, help, type, aggregator, values: [...own.values()].filter(sample => sample !== undefined) }),
    getForPromString: async () => await metric.get(),
    reset: () => own.reset?.()
  }
  return markPluginMetric(metric, own)
}

/** Notes what a metric of our own was made of. */
export function markPluginMetric<Metric extends object> (metric: Metric, own: PluginMetric): Metric {
  pluginMetrics.set(metric, own)
  return metric
}

/** What a metric was made of, if it is our own. */
export function pluginMetricOf (metric: object): PluginMetric | undefined {
  return pluginMetrics.get(metric)
}

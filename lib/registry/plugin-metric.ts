import type { Family } from '../series/family.js'
import type { RegistryMetric } from '../types/index.js'

/** A sample in the form that prom-client's `get()` returns. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** The sample's name, if it differs from the metric's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string
}

/** The source of a plugin metric that creates its samples when it is read. It has a `reset` if it stores its values. */
export interface ValuesMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labelNames: readonly string[]
  /**
   * How the samples of several processes are merged; with `'omit'`, each process exposes its own.
   * @default 'sum'
   */
  readonly aggregator?: 'sum' | 'first' | 'omit'
  /** Returns the samples. At an `undefined` among them a reader can pause, so many series need not be read at once. */
  values (): Iterable<Sample | undefined>
  reset? (): void
}

/** The source of a plugin metric that is computed from the series of a family. */
export interface DerivedMetric extends ValuesMetric {
  /** The family from which `values` computes the samples. */
  readonly source: Family
  /** Computes the samples from another family of the same name, such as the sums of several processes. */
  valuesOf (family: Family): Iterable<Sample | undefined>
}

/** The source of a plugin metric. The series of a family can be read one by one. */
export type PluginMetric = ValuesMetric | DerivedMetric | Family

/** A metric with the properties that this plugin reads. An external metric may have no `labelNames`. */
export interface NamedMetric extends RegistryMetric {
  readonly name: string
  readonly type: string
  readonly labelNames?: readonly string[]
}

/** The source of each plugin metric. It is not a property of the metric, since any object can have such a property. */
const pluginMetrics = new WeakMap<object, PluginMetric>()

/** Makes a plugin metric in the form that a registry reads, with `get`, `getForPromString` and `reset`. */
export function registryMetric (source: ValuesMetric): NamedMetric {
  const { name, help, type, labelNames, aggregator = 'sum' } = source
  const metric = {
    name,
    help,
    type,
    labelNames,
    get: async () => {
      const values = [...source.values()].filter(sample => sample !== undefined)
      // Not `name`: for OpenMetrics, prom-client removes `_total` from the metric's name, and adds it to the samples.
      return { name: metric.name, help, type, aggregator, values }
    },
    getForPromString: async () => await metric.get(),
    reset: () => source.reset?.()
  }
  return markPluginMetric(metric, source)
}

/** Stores the source of a plugin metric. */
export function markPluginMetric<Metric extends object> (metric: Metric, source: PluginMetric): Metric {
  pluginMetrics.set(metric, source)
  return metric
}

/** The source of a metric; `undefined` if it is not a plugin metric. */
export function pluginMetricOf (metric: object): PluginMetric | undefined {
  return pluginMetrics.get(metric)
}

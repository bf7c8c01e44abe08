import { errors } from './errors.js'
import type { MetricsRegistry, RegistryMetric } from './types.js'

/** One sample in the form of prom-client's `get()`. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** The sample's name where it is not the metric's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string
}

/** What makes a metric of our own; `reset` is left out where the value is not ours to set back. */
export interface OwnMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labelNames: readonly string[]
  values (): Sample[]
  reset? (): void
}

/** A metric that knows its name. */
export interface NamedMetric extends RegistryMetric {
  readonly name: string
}

/** A metric of our own in the shape that a registry reads: `name`, `help`, `type`, `get`, `getForPromString`, `reset`. */
export function registryMetric ({ name, help, type, labelNames, values, reset }: OwnMetric): NamedMetric {
  const metric = {
    name,
    help,
    type,
    labelNames,
    // The name as it stands by then: for OpenMetrics prom-client cuts `_total` off it, and adds it to the samples again.
    // Over processes such a metric merges as a sum.
    get: async () => ({ name: metric.name, help, type, aggregator: 'sum', values: values() }),
    getForPromString: async () => await metric.get(),
    reset: () => reset?.()
  }
  return metric
}

interface Described {
  readonly name: string
  readonly labelNames?: readonly string[]
}

/**
 * Adds metrics to the registry, all or none.
 * @throws DYNOAI_METRICS_ERR_NAME_TAKEN for a name that is in the registry already or twice among them
 */
export function join (registry: MetricsRegistry, metrics: readonly NamedMetric[]): void {
  const names = new Set<string>()
  for (const { name } of metrics) {
    if (names.has(name) || registry.getSingleMetric(name) !== undefined) throw new errors.ERR_NAME_TAKEN(name)
    names.add(name)
  }
  for (const metric of metrics) registry.registerMetric(metric)
}

/**
 * Puts labels on every sample of the registry.
 * @throws DYNOAI_METRICS_ERR_LABEL_TAKEN for a label that a metric in the registry has
 */
export function setDefaultLabels (registry: MetricsRegistry, labels: Readonly<Record<string, string>>): void {
  const names = Object.keys(labels)
  // Setting none would take away what the owner of a registry has set.
  if (names.length === 0) return
  for (const { name, labelNames = [] } of registry.getMetricsAsArray() as Described[]) {
    const taken = names.find(label => labelNames.includes(label))
    if (taken !== undefined) throw new errors.ERR_LABEL_TAKEN(taken, name)
  }
  registry.setDefaultLabels({ ...labels })
}

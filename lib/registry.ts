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

/** What metrics have beside what a registry needs of them; one of another make may not say what its labels are. */
export interface NamedMetric extends RegistryMetric {
  readonly name: string
  readonly type: string
  readonly labelNames?: readonly string[]
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

/**
 * Adds metrics to the registry and labels to all of its samples, everything or nothing.
 * @throws DYNOAI_METRICS_ERR_NAME_TAKEN for a name that is in the registry already or twice among the metrics
 * @throws DYNOAI_METRICS_ERR_LABEL_TAKEN for a default label that a metric has
 */
export function join (registry: MetricsRegistry, metrics: readonly NamedMetric[], defaultLabels: Readonly<Record<string, string>> = {}): void {
  const present = registry.getMetricsAsArray() as readonly NamedMetric[]
  checkNames(present, metrics)
  checkLabels([...present, ...metrics], Object.keys(defaultLabels))
  for (const metric of metrics) registry.registerMetric(metric)
  // Setting none would take away those that the owner of a registry has set.
  if (Object.keys(defaultLabels).length > 0) registry.setDefaultLabels({ ...defaultLabels })
}

function checkNames (present: readonly NamedMetric[], added: readonly NamedMetric[]): void {
  const taken = new Set(present.flatMap(namesOf))
  for (const metric of added) {
    const names = namesOf(metric)
    if (names.some(name => taken.has(name))) throw new errors.ERR_NAME_TAKEN(metric.name)
    for (const name of names) taken.add(name)
  }
}

/** The names that a metric takes in an exposition. */
function namesOf ({ name, type }: NamedMetric): string[] {
  return type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
}

function checkLabels (metrics: readonly NamedMetric[], labels: readonly string[]): void {
  for (const { name, labelNames = [] } of metrics) {
    const taken = labels.find(label => labelNames.includes(label))
    if (taken !== undefined) throw new errors.ERR_LABEL_TAKEN(taken, name)
  }
}

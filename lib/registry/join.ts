import { errors, received } from '../errors.js'
import type { MetricsRegistry } from '../types/index.js'
import { readProperty } from '../util/read-property.js'
import { pluginMetricOf } from './plugin-metric.js'
import type { NamedMetric } from './plugin-metric.js'
import { namesOf } from './sample-names.js'

/** The metrics that `join` has added to each registry. */
const joined = new WeakMap<object, Set<NamedMetric>>()

/** The metrics that `join` has added to a registry. */
export function joinedMetrics (registry: object): ReadonlySet<NamedMetric> {
  return joined.get(registry) ?? new Set()
}

/**
 * Adds metrics to the registry, all or none. `defaultLabels` are the labels that the registry adds to every sample.
 * @throws DYNOAI_METRICS_ERR_NAME_TAKEN for a name that is in the registry already or twice among the metrics
 * @throws DYNOAI_METRICS_ERR_LABEL_TAKEN for a default label that is also a label of a metric
 */
export function join (
  registry: MetricsRegistry, metrics: readonly NamedMetric[], defaultLabels: Readonly<Record<string, unknown>> = {}
): void {
  const existing = readHeads(registry, registry.getMetricsAsArray())
  const added = readHeads(registry, metrics)
  checkNames(existing, added)
  checkDefaultLabels([...existing, ...added], defaultLabels)
  registerAll(registry, metrics)
  joined.set(registry, new Set([...joinedMetrics(registry), ...metrics]))
}

/** The properties of a metric that can conflict with other metrics. */
type MetricHead = Pick<NamedMetric, 'name' | 'type'> & Required<Pick<NamedMetric, 'labelNames'>>

/** Skips metrics that cannot be read; a scrape leaves these out and reports them. */
function readHeads (registry: MetricsRegistry, metrics: readonly unknown[]): MetricHead[] {
  return metrics.flatMap(metric => {
    if (typeof metric !== 'object' || metric === null) return []
    const source = pluginMetricOf(metric) ?? metric
    const [name, type, labelNames] = ['name', 'type', 'labelNames'].map(property => readProperty(source, property))
    if (typeof name !== 'string') return []
    // For OpenMetrics, prom-client removes `_total` from a counter's name, but the registry finds it by the full name.
    const fullName = `${name}_total`
    const isTruncated = type === 'counter' && registry.getSingleMetric(fullName) === metric
    return [{
      name: isTruncated ? fullName : name,
      type: typeof type === 'string' ? type : '',
      labelNames: copyStrings(labelNames)
    }]
  })
}

type RemovableRegistry = MetricsRegistry & { removeSingleMetric? (name: string): void }

/** Registers all metrics. If the registry rejects one, those before it are removed again. */
function registerAll (registry: RemovableRegistry, metrics: readonly NamedMetric[]): void {
  const registered: string[] = []
  try {
    for (const metric of metrics) {
      registry.registerMetric(metric)
      registered.push(metric.name)
    }
  } catch (err) {
    for (const name of registered) registry.removeSingleMetric?.(name)
    throw err
  }
}

function copyStrings (array: unknown): string[] {
  try {
    return Array.isArray(array) ? [...array as unknown[]].map(String) : []
  } catch {
    return []
  }
}

// The usual cause is that two instances of the plugin share a registry.
const IN_REGISTRY = "already in the registry; give the definition another key or 'name', or give each instance of " +
  "the plugin its own 'registry' or 'metricPrefix' ('runtimeMetrics.prefix' for runtime metrics)"
const IN_PLUGIN = "already one of this plugin; give the definition another key or 'name'"

function checkNames (existing: readonly MetricHead[], added: readonly MetricHead[]): void {
  const existingNames = new Set(existing.flatMap(({ name, type }) => namesOf(name, type)))
  const addedNames = new Set<string>()
  for (const { name, type } of added) {
    const names = namesOf(name, type)
    if (names.some(sampleName => existingNames.has(sampleName))) {
      throw new errors.ERR_NAME_TAKEN(name, IN_REGISTRY, received(name))
    }
    if (names.some(sampleName => addedNames.has(sampleName))) {
      throw new errors.ERR_NAME_TAKEN(name, IN_PLUGIN, received(name))
    }
    for (const sampleName of names) addedNames.add(sampleName)
  }
}

function checkDefaultLabels (
  metrics: readonly MetricHead[], defaultLabels: Readonly<Record<string, unknown>>
): void {
  for (const { name, labelNames } of metrics) {
    const conflict = Object.keys(defaultLabels).find(label => labelNames.includes(label))
    if (conflict !== undefined) throw new errors.ERR_LABEL_TAKEN(conflict, name, received(defaultLabels[conflict]))
  }
}

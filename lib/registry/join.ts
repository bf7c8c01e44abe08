import { errors, received } from '../errors.js'
import type { MetricsRegistry } from '../types/index.js'
import { readProperty } from '../util/read-property.js'
import { pluginMetricOf } from './plugin-metric.js'
import type { NamedMetric } from './plugin-metric.js'
import { namesOf } from './sample-names.js'

/** What was added to each registry. */
const joined = new WeakMap<object, Set<NamedMetric>>()

/** The metrics that `join` has added to a registry. */
export function joinedMetrics (registry: object): ReadonlySet<NamedMetric> {
  return joined.get(registry) ?? new Set()
}

/**
 * Adds metrics to the registry, all or none; `defaultLabels` are those that it puts on every sample.
 * @throws DYNOAI_METRICS_ERR_NAME_TAKEN for a name that is in the registry already or twice among the metrics
 * @throws DYNOAI_METRICS_ERR_LABEL_TAKEN for a default label that a metric has
 */
export function join (registry: MetricsRegistry, metrics: readonly NamedMetric[], defaultLabels: Readonly<Record<string, unknown>> = {}): void {
  const present = headsOf(registry, registry.getMetricsAsArray())
  const added = headsOf(registry, metrics)
  checkNames(present, added)
  checkDefaultLabels([...present, ...added], defaultLabels)
  registerAll(registry, metrics)
  joined.set(registry, new Set([...joinedMetrics(registry), ...metrics]))
}

/** What is read of a metric to check that another can stand beside it. */
type Head = Pick<NamedMetric, 'name' | 'type'> & Required<Pick<NamedMetric, 'labelNames'>>

/** Those that can be read; a scrape leaves out the others and says why. */
function headsOf (registry: MetricsRegistry, metrics: readonly unknown[]): Head[] {
  return metrics.flatMap(metric => {
    if (typeof metric !== 'object' || metric === null) return []
    const [name, type, labelNames] = ['name', 'type', 'labelNames'].map(property => readProperty(pluginMetricOf(metric) ?? metric, property))
    if (typeof name !== 'string') return []
    // For OpenMetrics prom-client cuts `_total` off the name of a counter; the registry still has it by that.
    const full = `${name}_total`
    const isCut = type === 'counter' && registry.getSingleMetric(full) === metric
    return [{ name: isCut ? full : name, type: typeof type === 'string' ? type : '', labelNames: copyOf(labelNames) }]
  })
}

/** Registers all, or where a registry refuses one takes out again those before it. */
function registerAll (registry: MetricsRegistry & { removeSingleMetric? (name: string): void }, metrics: readonly NamedMetric[]): void {
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

function copyOf (array: unknown): string[] {
  try {
    return Array.isArray(array) ? [...array as unknown[]].map(String) : []
  } catch {
    return []
  }
}

// Mostly two instances of the plugin share a registry.
const IN_REGISTRY = "already in the registry; give the definition another key or 'name', or each instance of the plugin a 'registry' or a 'metricPrefix' of its own ('runtimeMetrics.prefix' for metrics of the runtime)"
const IN_PLUGIN = "already one of this plugin; give the definition another key or 'name'"

function checkNames (present: readonly Head[], added: readonly Head[]): void {
  const inRegistry = new Set(present.flatMap(({ name, type }) => namesOf(name, type)))
  const own = new Set<string>()
  for (const { name, type } of added) {
    const names = namesOf(name, type)
    if (names.some(one => inRegistry.has(one))) throw new errors.ERR_NAME_TAKEN(name, IN_REGISTRY, received(name))
    if (names.some(one => own.has(one))) throw new errors.ERR_NAME_TAKEN(name, IN_PLUGIN, received(name))
    for (const one of names) own.add(one)
  }
}

function checkDefaultLabels (metrics: readonly Head[], defaultLabels: Readonly<Record<string, unknown>>): void {
  const labels = Object.keys(defaultLabels)
  for (const { name, labelNames } of metrics) {
    const taken = labels.find(label => labelNames.includes(label))
    if (taken !== undefined) throw new errors.ERR_LABEL_TAKEN(taken, name, received(defaultLabels[taken]))
  }
}

import { errors, received } from '../errors.js'
import type { Family } from '../series/family.js'
import type { MetricsRegistry, RegistryMetric } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { readProperty } from '../util/read-property.js'

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
/** What was added to each registry. */
const joined = new WeakMap<object, Set<NamedMetric>>()

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

/**
 * The labels that a registry puts on every sample, `undefined` where it does not show them: prom-client and its successor
 * keep them under this name and offer no other way to them.
 */
export function defaultLabelsOf (registry: object): Readonly<Record<string, unknown>> | undefined {
  const { _defaultLabels: labels } = registry as { readonly _defaultLabels?: unknown }
  return isObject(labels) ? labels : undefined
}

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

/** Has a registry put labels on all samples. Setting none would take away those that its owner has set. */
export function setDefaultLabels (registry: MetricsRegistry, labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).length > 0) registry.setDefaultLabels({ ...labels })
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

const SUFFIXES: ReadonlyMap<string, readonly string[]> = new Map([['histogram', ['', '_bucket', '_sum', '_count']], ['summary', ['', '_sum', '_count']]])

/** The names that a metric takes in an exposition: its own and those of its samples. */
export function namesOf (name: string, type: string): string[] {
  return (SUFFIXES.get(type) ?? ['']).map(suffix => name + suffix)
}

function checkDefaultLabels (metrics: readonly Head[], defaultLabels: Readonly<Record<string, unknown>>): void {
  const labels = Object.keys(defaultLabels)
  for (const { name, labelNames } of metrics) {
    const taken = labels.find(label => labelNames.includes(label))
    if (taken !== undefined) throw new errors.ERR_LABEL_TAKEN(taken, name, received(defaultLabels[taken]))
  }
}

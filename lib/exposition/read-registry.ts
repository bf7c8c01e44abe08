import { errors, received } from '../errors.js'
import { joinedMetrics } from '../registry/join.js'
import { pluginMetricOf } from '../registry/plugin-metric.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { namesOf } from '../registry/sample-names.js'
import type { MetricsRegistry } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { readProperty } from '../util/read-property.js'
import type { NamedCollector } from './collectors.js'
import { NameOwners } from './name-owners.js'

/** The methods of a registry that an exposition calls. */
export type ReadableRegistry = Pick<MetricsRegistry, 'getMetricsAsArray' | 'getSingleMetric'>

/** A metric and its name in the registry. Its properties are read once: the next time they may differ. */
export interface RegisteredMetric extends NamedCollector {
  readonly metric: NamedMetric
  readonly type: string
  /** The names of the metric and of its samples. */
  readonly names: readonly string[]
}

/** The metrics of a registry, in its order, and the owner of each name. */
export interface RegistryContents {
  readonly metrics: readonly RegisteredMetric[]
  readonly owners: NameOwners
}

/** Metrics of a registry. An array that claims a greater length is rejected. */
const MAX_METRICS = 100_000
const NOT_AN_ARRAY = 'getMetricsAsArray must return an array'
const TOO_MANY = `it may have at most ${MAX_METRICS} metrics`
/** Characters of a name. A longer name is rejected. */
const MAX_NAME = 1024

/** The name under which errors of a metric without a readable name are counted. */
const UNNAMED = '__unnamed__'
/** The name under which errors of the registry itself are counted. */
const REGISTRY = 'registry'

/**
 * Reads the metrics of a registry. A metric that cannot be read, or that has a name of another metric, is left out.
 * `onError` is then called once for each name. If the registry itself fails, the metrics that this plugin added remain.
 */
export function readRegistry (
  registry: ReadableRegistry,
  onError: (metric: string, err: unknown) => void
): RegistryContents {
  const problems = new Map<string, unknown>()
  const keepFirst = (metric: string, err: unknown): void => { problems.set(metric, problems.get(metric) ?? err) }
  const contents = new RegistryReader(registry, keepFirst).read()
  for (const [metric, err] of problems) onError(metric, err)
  return contents
}

class RegistryReader {
  readonly #registry: ReadableRegistry
  readonly #onError: (metric: string, err: unknown) => void

  constructor (registry: ReadableRegistry, onError: (metric: string, err: unknown) => void) {
    this.#registry = registry
    this.#onError = onError
  }

  read (): RegistryContents {
    const joined = joinedMetrics(this.#registry)
    const named = this.#readArray(joined).flatMap(metric => this.#readMetric(metric))
    // A metric may have the name of another metric. Plugin metrics claim their names first, then the metrics that the
    // registry finds under their names, then the rest.
    const ranks: readonly [RegisteredMetric[], RegisteredMetric[], RegisteredMetric[]] = [[], [], []]
    for (const registered of named) {
      const { metric, name } = registered
      ranks[joined.has(metric) ? 0 : this.#hasUnderName(name, metric) ? 1 : 2].push(registered)
    }
    const owners = new NameOwners()
    const kept = new Set(ranks.flat().filter(registered => this.#claimNames(owners, registered)))
    return { metrics: named.filter(registered => kept.has(registered)), owners }
  }

  #readArray (joined: ReadonlySet<NamedMetric>): unknown[] {
    try {
      const array: unknown = this.#registry.getMetricsAsArray()
      if (!Array.isArray(array)) throw new errors.ERR_REGISTRY(NOT_AN_ARRAY, received(array))
      const { length } = array
      if (!(length <= MAX_METRICS)) throw new errors.ERR_REGISTRY(TOO_MANY, received(length))
      return Array.from({ length }, (_, i) => readProperty(array, String(i)))
    } catch (err) {
      this.#onError(REGISTRY, err)
      return [...joined]
    }
  }

  #readMetric (metric: unknown): RegisteredMetric[] {
    try {
      if (!isObject(metric)) throw new errors.ERR_REGISTRY('a metric must be an object', received(metric))
      const { name, type } = pluginMetricOf(metric) ?? metric
      if (typeof name !== 'string' || name.length > MAX_NAME) {
        throw new errors.ERR_REGISTRY('a metric has a name that is not valid', received(name))
      }
      const registered = metric as unknown as NamedMetric
      const totalName = `${name}_total`
      // For OpenMetrics, prom-client removes `_total` from the name of a counter for good. The registry still has the
      // counter under the full name.
      const registeredName = type === 'counter' && this.#hasUnderName(totalName, registered) ? totalName : name
      const shownType = typeof type === 'string' ? type : ''
      return [{ name: registeredName, type: shownType, names: namesOf(registeredName, shownType), metric: registered }]
    } catch (err) {
      this.#onError(UNNAMED, err)
      return []
    }
  }

  /** Whether the registry has a metric under this name. */
  #hasUnderName (name: string, metric: NamedMetric): boolean {
    try {
      return this.#registry.getSingleMetric(name) === metric
    } catch (err) {
      this.#onError(REGISTRY, err)
      return false
    }
  }

  #claimNames (owners: NameOwners, registered: RegisteredMetric): boolean {
    if (owners.claim(registered, registered.name, registered.type)) return true
    this.#onError(registered.name, clashError(registered.name))
    return false
  }
}

/** Creates the error for a metric that has a name of another metric. */
export function clashError (name: string): Error {
  return new errors.ERR_COLLECT(name, 'its name, or the name of one of its samples, is that of another metric', name)
}

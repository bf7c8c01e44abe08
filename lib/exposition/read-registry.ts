import { errors, received } from '../errors.js'
import { joinedMetrics } from '../registry/join.js'
import { pluginMetricOf } from '../registry/plugin-metric.js'
import { namesOf } from '../registry/sample-names.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import type { MetricsRegistry } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { readProperty } from '../util/read-property.js'
import type { NamedCollector } from './collectors.js'
import { NameOwners } from './name-owners.js'

/** What an exposition needs of a registry. */
export type ReadableRegistry = Pick<MetricsRegistry, 'getMetricsAsArray' | 'getSingleMetric'>

/** A metric under the name that the registry has it by. Its properties are read once: the next time they may differ. */
export interface RegisteredMetric extends NamedCollector {
  readonly metric: NamedMetric
  readonly type: string
  /** Its name and those of its samples. */
  readonly names: readonly string[]
}

/** The metrics of a registry, in its order, and their names. */
export interface RegistryContents {
  readonly metrics: readonly RegisteredMetric[]
  readonly owners: NameOwners
}

/** An array that claims to be longer is taken for a wrong one. */
const MAX_METRICS = 100_000
const TOO_MANY = `it may have at most ${MAX_METRICS} metrics`
/** Characters of a name; a longer one is taken for a wrong one. */
const MAX_NAME = 1024

/** What errors of a metric without a readable name are counted under. */
const UNNAMED = '__unnamed__'
/** What errors of the registry itself are counted under. */
const REGISTRY = 'registry'

/**
 * Reads the metrics of a registry. One that cannot be read, or that has a name of another, is left out, and `onError`
 * learns of it, once for each name. If the registry itself fails, the metrics that this package has added to it remain.
 */
export function readRegistry (registry: ReadableRegistry, onError: (metric: string, err: unknown) => void): RegistryContents {
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
    // A metric may call itself by the name of another. So ours choose first, then those that the registry finds by
    // their names.
    const ranks: readonly [RegisteredMetric[], RegisteredMetric[], RegisteredMetric[]] = [[], [], []]
    for (const registered of named) ranks[joined.has(registered.metric) ? 0 : this.#hasUnderName(registered.name, registered.metric) ? 1 : 2].push(registered)
    const owners = new NameOwners()
    const kept = new Set(ranks.flat().filter(registered => this.#claimNames(owners, registered)))
    return { metrics: named.filter(registered => kept.has(registered)), owners }
  }

  #readArray (joined: ReadonlySet<NamedMetric>): unknown[] {
    try {
      const array: unknown = this.#registry.getMetricsAsArray()
      if (!Array.isArray(array)) throw new errors.ERR_REGISTRY('getMetricsAsArray must give an array', received(array))
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
      // For OpenMetrics prom-client cuts `_total` off the name of a counter for good; the registry still has it by
      // that.
      const registeredName = type === 'counter' && this.#hasUnderName(totalName, registered) ? totalName : name
      const shownType = typeof type === 'string' ? type : ''
      return [{ name: registeredName, type: shownType, names: namesOf(registeredName, shownType), metric: registered }]
    } catch (err) {
      this.#onError(UNNAMED, err)
      return []
    }
  }

  /** Whether the registry finds a metric by this name. */
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

/** What is said of a metric that has a name of another. */
export function clashError (name: string): Error {
  return new errors.ERR_COLLECT(name, 'its name or that of one of its samples is that of another metric', name)
}

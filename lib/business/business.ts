import { isDeepStrictEqual } from 'node:util'
import { errors, received } from '../errors.js'
import { removableMetric } from '../registry/family-metric.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { DEFAULT_BUCKETS } from '../series/buckets.js'
import { CounterFamily } from '../series/counter-family.js'
import { GaugeFamily } from '../series/gauge-family.js'
import { HistogramFamily } from '../series/histogram-family.js'
import type { FamilyOptions } from '../series/series-family.js'
import { noopTarget, RecordingTarget } from './call-target.js'
import type { CallTarget } from './call-target.js'
import { collectedGauge } from './collected-gauge.js'
import { counterHandle, gaugeHandle, histogramHandle } from './handles.js'
import { listedCombinations } from './resolve-definition.js'
import type { Collect, ResolvedDefinition } from './resolve-definition.js'

/** A handle of any type. */
export type Handle = ReturnType<typeof counterHandle | typeof gaugeHandle | typeof histogramHandle>

/** Handles by property. */
export type Handles = Readonly<Record<string, Handle>>

/** What business metrics are made with. */
export interface BusinessOptions {
  /** Whether the handles record; else they do nothing, and their metrics are for no registry. */
  readonly enabled: boolean
  readonly maxSeries: number
  readonly metricErrors: MetricErrors
}

interface Defined {
  readonly definition: ResolvedDefinition
  readonly handle: Handle
}

/** The business metrics of an instance, by the keys of their definitions. */
export class Business {
  readonly #enabled: boolean
  readonly #maxSeries: number
  readonly #metricErrors: MetricErrors
  readonly #defined = new Map<string, Defined>()

  constructor ({ enabled, maxSeries, metricErrors }: BusinessOptions) {
    this.#enabled = enabled
    this.#maxSeries = maxSeries
    this.#metricErrors = metricErrors
  }

  /**
   * The handles of definitions, which are there when `join` has returned: it is given the metrics that are new, to put them into the
   * registry, and may throw. A definition that is there already keeps its handle.
   * @throws DYNOAI_METRICS_ERR_DEFINITION for another definition under the same key
   */
  define (definitions: readonly ResolvedDefinition[], join: (metrics: readonly NamedMetric[]) => void): Handles {
    const added = definitions.filter(definition => !this.#has(definition)).map(definition => ({ definition, handle: this.#make(definition) }))
    join(added.map(({ handle }) => handle.metric))
    for (const one of added) {
      const { key, name, labels } = one.definition
      this.#defined.set(key, one)
      if (this.#enabled) this.#metricErrors.watch(name, { canOverflow: listedCombinations(Object.values(labels)) === 0 })
    }
    return Object.fromEntries(definitions.map(({ key }) => [key, this.#defined.get(key)!.handle])) // it is there by now
  }

  #has (definition: ResolvedDefinition): boolean {
    const present = this.#defined.get(definition.key)?.definition
    if (present === undefined) return false
    const field = differentField(present, definition)
    if (field === undefined) return true
    const other = typeof present[field] === 'function' ? 'another function' : received(present[field])
    const problem = `has the key '${definition.key}' of the metric '${present.name}', where '${field}' is ${other}`
    throw new errors.ERR_DEFINITION(definition.name, problem, received(definition[field]))
  }

  #make (definition: ResolvedDefinition): Handle {
    const { collect } = definition
    if (!this.#enabled) return makeHandle(definition, familyOptions(definition), noopTarget)
    return collect === undefined ? this.#makeRecording(definition) : this.#makeCollected(definition, collect)
  }

  #makeRecording (definition: ResolvedDefinition): Handle {
    const { name } = definition
    const options = {
      ...familyOptions(definition),
      maxSeries: this.#maxSeries,
      onOverflow: reason => { this.#metricErrors.overflow(name, reason) }
    } satisfies FamilyOptions
    return makeHandle(definition, options, family => new RecordingTarget(family, definition, this.#metricErrors))
  }

  #makeCollected (definition: ResolvedDefinition, collect: Collect): Handle {
    const { name } = definition
    const metric = collectedGauge({ definition, collect, maxSeries: this.#maxSeries, metricErrors: this.#metricErrors })
    const refuse = (value: unknown): void => {
      this.#metricErrors.error(name, new errors.ERR_CALL(name, 'its values come from its collect function', received(value)))
    }
    return gaugeHandle(noopTarget(new GaugeFamily(familyOptions(definition)), refuse), metric)
  }
}

type MakeTarget = <F extends CounterFamily | GaugeFamily | HistogramFamily>(family: F) => CallTarget<F>

function makeHandle ({ type, buckets = DEFAULT_BUCKETS }: ResolvedDefinition, options: FamilyOptions, makeTarget: MakeTarget): Handle {
  if (type === 'counter') {
    const family = new CounterFamily(options)
    return counterHandle(makeTarget(family), removableMetric(family))
  }
  if (type === 'gauge') {
    const family = new GaugeFamily(options)
    return gaugeHandle(makeTarget(family), removableMetric(family))
  }
  const family = new HistogramFamily({ ...options, buckets })
  return histogramHandle(makeTarget(family), removableMetric(family))
}

function familyOptions ({ name, help, labels, defaults, expireAfter }: ResolvedDefinition): FamilyOptions {
  const rules = Object.entries(labels).map(([label, listed]) => ({
    name: label,
    listed,
    // Its own: a label may be called as what every object has.
    fallback: Object.hasOwn(defaults, label) ? defaults[label] : undefined
  }))
  return { name, help, labels: rules, expireAfter }
}

/** A field in which two definitions differ. Functions are the same only where they are one. */
function differentField (one: ResolvedDefinition, other: ResolvedDefinition): keyof ResolvedDefinition | undefined {
  const fields = Object.keys(one) as Array<keyof ResolvedDefinition>
  // The order of labels is that of values which `remove()` takes by their places.
  const isSame = (field: keyof ResolvedDefinition): boolean => isDeepStrictEqual(one[field], other[field]) &&
    (field !== 'labels' || isDeepStrictEqual(Object.keys(one.labels), Object.keys(other.labels)))
  return fields.find(field => !isSame(field))
}

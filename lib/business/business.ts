import { isDeepStrictEqual } from 'node:util'
import { errors, received } from '../errors.js'
import { removableMetric } from '../registry/family-metric.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { DEFAULT_BUCKETS } from '../series/buckets.js'
import { CounterFamily } from '../series/counter-family.js'
import { GaugeFamily } from '../series/gauge-family.js'
import { HistogramFamily } from '../series/histogram-family.js'
import type { FamilyOptions } from '../series/family-options.js'
import { noopTarget, RecordingTarget } from './call-target.js'
import type { CallTarget } from './call-target.js'
import { collectedGauge } from './collected-gauge.js'
import { counterHandle, gaugeHandle, histogramHandle } from './handles.js'
import { listedCombinations } from './resolve-definition.js'
import type { Collect, ResolvedDefinition } from './resolve-definition.js'

/** A handle of any type. */
export type Handle = ReturnType<typeof counterHandle | typeof gaugeHandle | typeof histogramHandle>

/** Handles by the keys of their definitions. */
export type Handles = Readonly<Record<string, Handle>>

export interface BusinessOptions {
  /** Whether the handles record values; otherwise they do nothing, and their metrics are not registered. */
  readonly enabled: boolean
  readonly maxSeries: number
  readonly metricErrors: MetricErrors
}

interface DefinedMetric {
  readonly definition: ResolvedDefinition
  readonly handle: Handle
}

/** The business metrics of an instance. */
export class Business {
  readonly #enabled: boolean
  readonly #maxSeries: number
  readonly #metricErrors: MetricErrors
  /** By the keys of the definitions. */
  readonly #metrics = new Map<string, DefinedMetric>()

  constructor ({ enabled, maxSeries, metricErrors }: BusinessOptions) {
    this.#enabled = enabled
    this.#maxSeries = maxSeries
    this.#metricErrors = metricErrors
  }

  /**
   * Returns the handles of definitions. It calls `join` with the new metrics, to add them to the registry; if `join`
   * throws, none is defined. A definition that exists keeps its handle.
   * @throws DYNOAI_METRICS_ERR_DEFINITION for a different definition under the same key
   */
  define (definitions: readonly ResolvedDefinition[], join: (metrics: readonly NamedMetric[]) => void): Handles {
    const added = definitions.filter(definition => !this.#has(definition))
      .map(definition => ({ definition, handle: this.#makeHandle(definition) }))
    join(added.map(({ handle }) => handle.metric))
    for (const metric of added) {
      const { key, name, labels } = metric.definition
      this.#metrics.set(key, metric)
      const canOverflow = listedCombinations(Object.values(labels)) === 0
      if (this.#enabled) this.#metricErrors.addSeries(name, { canOverflow })
    }
    return Object.fromEntries(definitions.map(({ key }) => [key, this.#metrics.get(key)!.handle])) // all are defined
  }

  #has (definition: ResolvedDefinition): boolean {
    const existing = this.#metrics.get(definition.key)?.definition
    if (existing === undefined) return false
    const field = findDifferentField(existing, definition)
    if (field === undefined) return true
    const other = typeof existing[field] === 'function' ? 'another function' : received(existing[field])
    const problem = `has the key '${definition.key}' of the metric '${existing.name}', where '${field}' is ${other}`
    throw new errors.ERR_DEFINITION(`The metric '${definition.name}'`, problem, received(definition[field]))
  }

  #makeHandle (definition: ResolvedDefinition): Handle {
    const { collect } = definition
    if (!this.#enabled) return handleOf(definition, familyOptionsOf(definition), noopTarget)
    if (collect !== undefined) return this.#makeCollectedHandle(definition, collect)
    return this.#makeRecordingHandle(definition)
  }

  #makeRecordingHandle (definition: ResolvedDefinition): Handle {
    const { name } = definition
    const options = {
      ...familyOptionsOf(definition),
      maxSeries: this.#maxSeries,
      onOverflow: reason => { this.#metricErrors.countOverflow(name, reason) }
    } satisfies FamilyOptions
    return handleOf(definition, options, family => new RecordingTarget(family, definition, this.#metricErrors))
  }

  #makeCollectedHandle (definition: ResolvedDefinition, collect: Collect): Handle {
    const { name } = definition
    const metric = collectedGauge({ definition, collect, maxSeries: this.#maxSeries, metricErrors: this.#metricErrors })
    const rejectCall = (value: unknown): void => {
      const err = new errors.ERR_CALL(name, 'its values come from its collect function', received(value))
      this.#metricErrors.countError(name, err)
    }
    return gaugeHandle(noopTarget(new GaugeFamily(familyOptionsOf(definition)), rejectCall), metric)
  }
}

type MakeTarget = <F extends CounterFamily | GaugeFamily | HistogramFamily>(family: F) => CallTarget<F>

function handleOf (definition: ResolvedDefinition, options: FamilyOptions, makeTarget: MakeTarget): Handle {
  const { type, buckets = DEFAULT_BUCKETS, aggregator } = definition
  if (type === 'counter') {
    const family = new CounterFamily(options)
    return counterHandle(makeTarget(family), removableMetric(family))
  }
  if (type === 'gauge') {
    const family = new GaugeFamily({ ...options, aggregator })
    return gaugeHandle(makeTarget(family), removableMetric(family))
  }
  const family = new HistogramFamily({ ...options, buckets })
  return histogramHandle(makeTarget(family), removableMetric(family))
}

function familyOptionsOf ({ name, help, labels, defaults, expireAfter }: ResolvedDefinition): FamilyOptions {
  const rules = Object.entries(labels).map(([label, listed]) => ({
    name: label,
    listed,
    // Own properties only: a label may have the name of an inherited one, such as `constructor`.
    fallback: Object.hasOwn(defaults, label) ? defaults[label] : undefined
  }))
  return { name, help, labels: rules, expireAfter }
}

/** A field in which two definitions differ. Functions are equal only if they are the same function. */
function findDifferentField (a: ResolvedDefinition, b: ResolvedDefinition): keyof ResolvedDefinition | undefined {
  const fields = Object.keys(a) as Array<keyof ResolvedDefinition>
  // The order of labels matters: `remove()` accepts label values in that order.
  const isSame = (field: keyof ResolvedDefinition): boolean => isDeepStrictEqual(a[field], b[field]) &&
    (field !== 'labels' || isDeepStrictEqual(Object.keys(a.labels), Object.keys(b.labels)))
  return fields.find(field => !isSame(field))
}

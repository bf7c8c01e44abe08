import { errors, received } from '../errors.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import type { Family } from '../series/family.js'
import type { UncheckedLabels } from '../series/label-value.js'
import { NONE } from '../series/label-values.js'
import { BoundSeries } from './bound-series.js'
import { mergeLabels } from './calls.js'
import type { ResolvedDefinition } from './resolve-definition.js'
import { resolveLabels } from './resolve-labels.js'

/** A call that records a value; neither its labels nor its value were checked. */
export interface Call {
  /** Labels objects. A later one replaces labels of those before it. */
  readonly labels: readonly unknown[]
  readonly value: unknown
  /**
   * Writes the value into a series. Returns `false` without a change if the value is invalid or the
   * result would not be finite.
   */
  write (index: number, value: unknown): boolean
  /** Stores the index of the series for later calls with the same labels. */
  readonly series?: BoundSeries
}

/** Receives the calls of a handle. */
export interface CallTarget<F extends Family = Family> {
  readonly family: F
  /** The series of calls without labels. */
  readonly unlabelled: BoundSeries
  /** The index of the series with these labels; `NONE` if `record` must check the call in full. It never throws. */
  find (labels: unknown): number
  /** Checks a call, then records it or reports a metric error. It never throws. */
  record (call: Call): void
  /** Removes the series with these labels, or reports a metric error. It never throws. */
  remove (labels: unknown): void
}

/** Records the calls of a handle in a family. */
export class RecordingTarget<F extends Family> implements CallTarget<F> {
  readonly family: F
  readonly unlabelled: BoundSeries
  readonly #definition: ResolvedDefinition
  readonly #metricErrors: MetricErrors

  constructor (family: F, definition: ResolvedDefinition, metricErrors: MetricErrors) {
    this.family = family
    this.unlabelled = new BoundSeries(family)
    this.#definition = definition
    this.#metricErrors = metricErrors
  }

  find (labels: unknown): number {
    try {
      return this.family.table.find(labels as UncheckedLabels)
    } catch {
      // A label cannot be read: `record` reports it.
      return NONE
    }
  }

  record ({ labels, value, write, series }: Call): void {
    try {
      this.#checkValue(value)
      const index = this.family.admit(this.#labelValuesOf(labels))
      // The overflow series is not bound, since `admit` counts each value in it.
      if (series !== undefined && !this.family.isOverflow(index)) series.bind(index)
      // An infinite sum would stay infinite, so it is not written.
      if (!write(index, value)) throw this.#error('the sum would be too large', value)
    } catch (err) {
      this.#metricErrors.countError(this.#definition.name, err)
    }
  }

  remove (labels: unknown): void {
    try {
      const labelValues = this.#labelValuesOf([labels])
      if (labelValues !== null) this.family.removeSeries(labelValues)
    } catch (err) {
      this.#metricErrors.countError(this.#definition.name, err)
    }
  }

  #labelValuesOf (labels: readonly unknown[]): string[] | null {
    return resolveLabels(this.#definition, mergeLabels(this.#definition.name, labels))
  }

  #checkValue (value: unknown): void {
    const { type } = this.#definition
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw this.#error('the value must be a finite number', value)
    }
    if (type === 'counter' && value < 0) throw this.#error('a counter cannot decrease', value)
    if (type === 'histogram' && value < 0) throw this.#error('a histogram accepts no negative value', value)
  }

  #error (problem: string, value: unknown): Error {
    return new errors.ERR_CALL(this.#definition.name, problem, received(value))
  }
}

/** Records nothing, and calls `onCall` with the value of each call. */
export function noopTarget<F extends Family> (family: F, onCall: (value: unknown) => void = () => {}): CallTarget<F> {
  return {
    family,
    unlabelled: new BoundSeries(family),
    find: () => NONE,
    record: ({ value }) => { onCall(value) },
    remove () {}
  }
}

import { errors, received } from '../errors.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'
import { BoundSeries } from './bound-series.js'
import { mergeLabels } from './calls.js'
import { resolveLabels } from './resolve-labels.js'
import type { ResolvedDefinition } from './resolve-definition.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** A call that records a value. */
export interface Call {
  /** Objects of labels, not checked, of which a later one replaces what those before say. */
  readonly labels: readonly unknown[]
  readonly value: unknown
  /** Writes the value into the series at a place; `false` where it would not stay a finite number. */
  write (index: number, value: unknown): boolean
  /** Keeps the place of the series, for calls that mean the same one. */
  readonly series?: BoundSeries
}

/** Where the calls of a handle go. */
export interface CallTarget<F extends Family = Family> {
  readonly family: F
  /** The series of calls without labels. */
  readonly unlabelled: BoundSeries
  /** The place of the series that labels mean, if it is plain that there is one; else `NONE`. It never throws. */
  find (labels: unknown): number
  /** Checks a call, whatever it was given, and records it or reports what is wrong with it. It never throws. */
  record (call: Call): void
  /** Ends the series that labels mean, or reports what is wrong with them. It never throws. */
  remove (labels: unknown): void
}

/** Where the calls of a handle that records go: into a family of the store. */
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
      // A label that cannot be read: `record` says so.
      return NONE
    }
  }

  record ({ labels, value, write, series }: Call): void {
    try {
      this.#checkValue(value)
      const index = this.family.admit(this.#textsOf(labels))
      // Not the overflow series: each value in it is counted.
      if (series !== undefined && !this.family.isOverflow(index)) series.bind(index)
      // Once infinite, a sum stays so for good.
      if (!write(index, value)) throw this.#error('the sum would be too large', value)
    } catch (err) {
      this.#metricErrors.error(this.#definition.name, err)
    }
  }

  remove (labels: unknown): void {
    try {
      const texts = this.#textsOf([labels])
      const index = texts === null ? NONE : this.family.table.findByValues(texts)
      if (index !== NONE) this.family.remove(index)
    } catch (err) {
      this.#metricErrors.error(this.#definition.name, err)
    }
  }

  #textsOf (labels: readonly unknown[]): string[] | null {
    return resolveLabels(this.#definition, mergeLabels(this.#definition.name, labels))
  }

  #checkValue (value: unknown): void {
    const { type } = this.#definition
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#error('the value must be a finite number', value)
    if (type === 'counter' && value < 0) throw this.#error('a counter cannot decrease', value)
    if (type === 'histogram' && value < 0) throw this.#error('a histogram takes no negative value', value)
  }

  #error (problem: string, value: unknown): Error {
    return new errors.ERR_CALL(this.#definition.name, problem, received(value))
  }
}

/** Where calls go that do nothing; `onCall` hears of each that should have. */
export function noopTarget<F extends Family> (family: F, onCall: (value: unknown) => void = () => {}): CallTarget<F> {
  return {
    family,
    unlabelled: new BoundSeries(family),
    find: () => NONE,
    record: ({ value }) => { onCall(value) },
    remove () {}
  }
}

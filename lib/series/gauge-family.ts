import type { FamilyOptions } from './family-options.js'
import { NumberFamily } from './number-family.js'

/** How the values that several processes have for one series become one value; `omit` leaves the metric out. */
export const AGGREGATORS = ['sum', 'first', 'min', 'max', 'average', 'omit'] as const

export type Aggregator = typeof AGGREGATORS[number]

/** The definition of a gauge. */
export interface GaugeOptions extends FamilyOptions {
  /** @default 'sum' */
  readonly aggregator?: Aggregator | undefined
  /** Whether a reset changes nothing: what a gauge counts up and down is still there after it. @default false */
  readonly ignoresReset?: boolean
}

/** A family whose series are values that go up and down. */
export class GaugeFamily extends NumberFamily {
  readonly type = 'gauge'
  /** The series that `increase` or `decrease` has changed; tracked only if series expire. */
  readonly #counted = new Set<number>()
  readonly aggregator: Aggregator
  readonly #ignoresReset: boolean

  constructor (options: GaugeOptions) {
    super(options)
    this.aggregator = options.aggregator ?? 'sum'
    this.#ignoresReset = options.ignoresReset ?? false
  }

  /** Sets a series to a value. Returns `false` without a change if the value is not a finite number. */
  set (index: number, value: unknown): boolean {
    return typeof value === 'number' && this.replace(index, value)
  }

  /** Adds to a series. Returns `false` without a change if the value is not a number or the sum is not finite. */
  increase (index: number, value: unknown): boolean {
    return typeof value === 'number' && this.#count(index, value)
  }

  /** Subtracts from a series; returns the same as `increase`. */
  decrease (index: number, value: unknown): boolean {
    return typeof value === 'number' && this.#count(index, -value)
  }

  override reset (): void {
    if (!this.#ignoresReset) super.reset()
  }

  /** A series that is counted up and down expires only at 0: until then, what it counts still exists. */
  protected override canExpire (index: number): boolean {
    return !this.#counted.has(index) || this.valueAt(index) === 0
  }

  protected override onRemove (index: number): void {
    this.#counted.delete(index)
  }

  #count (index: number, value: number): boolean {
    if (!this.add(index, value)) return false
    if (this.hasExpiry) this.#counted.add(index)
    return true
  }
}

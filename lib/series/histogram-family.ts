import type { FamilyOptions } from './family-options.js'
import { SeriesFamily } from './series-family.js'
import type { SeriesRef } from './series-family.js'

/** The definition of a histogram. */
export interface HistogramOptions extends FamilyOptions {
  /** Upper bounds, ascending, without `+Inf`. */
  readonly buckets: readonly number[]
}

/**
 * A family whose series are distributions of observed values. The numbers of a series are the sum, then the count of
 * each bucket and of `+Inf`, not cumulative. In this order, the sum and the counts of small values share a CPU cache
 * line.
 */
export class HistogramFamily extends SeriesFamily {
  readonly type = 'histogram'
  readonly bounds: Float64Array

  constructor (options: HistogramOptions) {
    super(options, options.buckets.length + 2)
    this.bounds = Float64Array.from(options.buckets)
  }

  /** Observes a value. Returns `false` without a change if it is not a number ≥ 0 or the sum would not be finite. */
  record (index: number, value: unknown): boolean {
    if (typeof value !== 'number' || !(value >= 0)) return false
    const { pages } = this.table
    const { numbers, lastWrites } = pages.pageOf(index)
    const slot = index & pages.mask
    const offset = slot * pages.width
    if (numbers[offset]! + value === Infinity) return false // all indices in this class are within the array
    this.#put(numbers, offset, value)
    if (lastWrites !== null) lastWrites[slot] = performance.now()
    return true
  }

  /**
   * Observes a value of a series by its reference. A value below 0 and `NaN` count as 0: they come from a clock that a
   * test has replaced.
   */
  observe ({ numbers, offset }: SeriesRef, value: number): void {
    this.#put(numbers, offset, value)
  }

  /** Observes a value of a series by its index; otherwise the same as `observe`. */
  observeAt (index: number, value: number): void {
    const { pages } = this.table
    this.#put(pages.pageOf(index).numbers, (index & pages.mask) * pages.width, value)
  }

  /** The number of values that a series has observed. */
  countAt (index: number): number {
    const { numbers, offset } = this.refTo(index)
    let count = 0
    for (let k = offset + 1; k < offset + this.table.pages.width; k++) count += numbers[k]!
    return count
  }

  #put (numbers: Float64Array, offset: number, value: number): void {
    const bounds = this.bounds
    const length = bounds.length
    let i = 0
    // With so few bounds, a linear search is faster than a binary one, especially as most values are small.
    while (i < length && value > bounds[i]!) i++
    numbers[offset]! += value > 0 ? value : 0
    numbers[offset + 1 + i]!++
  }
}

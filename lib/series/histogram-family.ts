import { SeriesFamily } from './series-family.js'
import type { FamilyOptions, SeriesRef } from './series-family.js'

/** What a histogram is. */
export interface HistogramOptions extends FamilyOptions {
  /** Upper bounds, ascending, without `+Inf`. */
  readonly buckets: readonly number[]
}

/**
 * A distribution of observed values, for each series. Its numbers are the sum, then the counts of each bucket and of `+Inf`, not
 * cumulative: so the sum of small values and their count lie in one line of the processor's cache.
 */
export class HistogramFamily extends SeriesFamily {
  readonly type = 'histogram'
  readonly bounds: Float64Array

  constructor (options: HistogramOptions) {
    super(options, options.buckets.length + 2)
    this.bounds = Float64Array.from(options.buckets)
  }

  /** Observes a value; `false`, and nothing done, unless it is a number from 0 on and the sum stays finite. */
  record (index: number, value: unknown): boolean {
    if (typeof value !== 'number' || !(value >= 0)) return false
    const { pages } = this.table
    const { numbers, lastWrites } = pages.pageOf(index)
    const slot = index & pages.mask
    const offset = slot * pages.width
    if (numbers[offset]! + value === Infinity) return false // within the array, as all indices here
    this.#put(numbers, offset, value)
    if (lastWrites !== null) lastWrites[slot] = performance.now()
    return true
  }

  /** Observes a value by reference; one below 0 or `NaN`, of a clock that a test has replaced, as 0. */
  observe ({ numbers, offset }: SeriesRef, value: number): void {
    this.#put(numbers, offset, value)
  }

  /** Observes a value as `observe` does. */
  observeAt (index: number, value: number): void {
    const { pages } = this.table
    this.#put(pages.pageOf(index).numbers, (index & pages.mask) * pages.width, value)
  }

  /** How many values the series at a place has seen. */
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
    // A linear search beats a binary one over so few bounds, the more as most values are small.
    while (i < length && value > bounds[i]!) i++
    numbers[offset]! += value > 0 ? value : 0
    numbers[offset + 1 + i]!++
  }
}

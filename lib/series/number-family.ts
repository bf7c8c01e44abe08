import { SeriesFamily } from './series-family.js'
import type { FamilyOptions } from './series-family.js'

/** What counters and gauges share: a series is one number. */
export abstract class NumberFamily extends SeriesFamily {
  constructor (options: FamilyOptions) {
    super(options, 1)
  }

  /** What the series at a place holds. */
  valueAt (index: number): number {
    const { pages } = this.table
    return pages.pageOf(index).numbers[index & pages.mask]! // within the array
  }

  /** Adds to a series; `false`, and nothing done, where the sum would not be finite. */
  protected add (index: number, value: number): boolean {
    const { pages } = this.table
    const { numbers, lastWrites } = pages.pageOf(index)
    const slot = index & pages.mask
    // Not handed to another method: it would take 16 B where V8 does not inline that.
    const sum = numbers[slot]! + value // within the array
    if (!isFiniteNumber(sum)) return false
    numbers[slot] = sum
    if (lastWrites !== null) lastWrites[slot] = performance.now()
    return true
  }

  /** Replaces what a series holds; `false`, and nothing done, for a value that is not finite. */
  protected replace (index: number, value: number): boolean {
    if (!isFiniteNumber(value)) return false
    const { pages } = this.table
    const { numbers, lastWrites } = pages.pageOf(index)
    const slot = index & pages.mask
    numbers[slot] = value
    if (lastWrites !== null) lastWrites[slot] = performance.now()
    return true
  }
}

/** The difference is 0 but for NaN and both infinities. */
function isFiniteNumber (value: number): boolean {
  return value - value === 0
}

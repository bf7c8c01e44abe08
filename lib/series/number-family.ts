import type { FamilyOptions } from './family-options.js'
import { SeriesFamily } from './series-family.js'

/** The common part of counters and gauges, whose series are one number each. */
export abstract class NumberFamily extends SeriesFamily {
  constructor (options: FamilyOptions) {
    super(options, 1)
  }

  /** The current value of a series. */
  valueAt (index: number): number {
    const { pages } = this.table
    return pages.pageOf(index).numbers[index & pages.mask]! // within the array
  }

  /** Adds to a series. Returns `false` without a change if the sum would not be finite. */
  protected add (index: number, value: number): boolean {
    const { pages } = this.table
    const { numbers, lastWrites } = pages.pageOf(index)
    const slot = index & pages.mask
    // Not passed to another method: where V8 does not inline the call, the number would be allocated with 16 B.
    const sum = numbers[slot]! + value // within the array
    if (!isFiniteNumber(sum)) return false
    numbers[slot] = sum
    if (lastWrites !== null) lastWrites[slot] = performance.now()
    return true
  }

  /** Replaces the value of a series. Returns `false` without a change if the new value is not finite. */
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

/** The difference is 0, except for NaN and both infinities. */
function isFiniteNumber (value: number): boolean {
  return value - value === 0
}

import { SeriesFamily } from './series-family.js'
import type { FamilyOptions } from './series-family.js'

/** What counters and gauges share: a series is one number. */
export abstract class NumberFamily extends SeriesFamily {
  constructor (options: FamilyOptions) {
    super(options, 1)
  }

  /** What the series at a place holds. */
  valueAt (place: number): number {
    const { pages } = this.table
    return pages.pageOf(place).numbers[place & pages.mask]! // within the array
  }

  /** Writes a number into a series; `false`, and nothing done, for one that is not finite. */
  protected put (place: number, value: number): boolean {
    // False for NaN and both infinities, and the only operation that this takes.
    if (value - value !== 0) return false
    const { pages } = this.table
    const { numbers, writes } = pages.pageOf(place)
    const slot = place & pages.mask
    numbers[slot] = value
    if (writes !== null) writes[slot] = performance.now()
    return true
  }
}

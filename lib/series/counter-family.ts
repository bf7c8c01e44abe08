import { NumberFamily } from './number-family.js'

/** A family whose series are counts that only increase. */
export class CounterFamily extends NumberFamily {
  readonly type = 'counter'

  /** Adds to a series. Returns `false` without a change if the value is not a number ≥ 0 or the sum is not finite. */
  increase (index: number, value: unknown): boolean {
    return typeof value === 'number' && value >= 0 && this.add(index, value)
  }
}

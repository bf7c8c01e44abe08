import { NumberFamily } from './number-family.js'

/** A count that only grows, for each series. */
export class CounterFamily extends NumberFamily {
  readonly type = 'counter'

  /** Adds to a series; `false`, and nothing done, unless the value is a number from 0 on and the sum stays finite. */
  increase (index: number, value: unknown): boolean {
    return typeof value === 'number' && value >= 0 && this.add(index, value)
  }
}

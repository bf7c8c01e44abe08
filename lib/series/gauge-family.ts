import { NumberFamily } from './number-family.js'

/** A value that goes up and down, for each series. */
export class GaugeFamily extends NumberFamily {
  readonly type = 'gauge'
  /** The series that are counted up and down, which are kept only where series expire. */
  readonly #counted = new Set<number>()

  /** Gives a series a value; `false`, and nothing done, unless that is a finite number. */
  set (index: number, value: unknown): boolean {
    return typeof value === 'number' && this.replace(index, value)
  }

  /** Adds to a series; `false`, and nothing done, unless the value is a number and the sum is finite. */
  increase (index: number, value: unknown): boolean {
    return typeof value === 'number' && this.#count(index, value)
  }

  /** Subtracts from a series, as `increase` adds. */
  decrease (index: number, value: unknown): boolean {
    return typeof value === 'number' && this.#count(index, -value)
  }

  /** What goes up and down again stands for something that is still there, until it is 0. */
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

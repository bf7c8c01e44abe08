import { NumberFamily } from './number-family.js'

/** A value that goes up and down, for each series. */
export class GaugeFamily extends NumberFamily {
  readonly type = 'gauge'
  /** The series that are counted up and down, which are kept only where series expire. */
  readonly #counted = new Set<number>()

  /** Gives a series a value; `false`, and nothing done, unless that is a finite number. */
  set (place: number, value: unknown): boolean {
    return typeof value === 'number' && this.replace(place, value)
  }

  /** Adds to a series; `false`, and nothing done, unless the value is a number and the sum is finite. */
  increase (place: number, value: unknown): boolean {
    return typeof value === 'number' && this.#count(place, value)
  }

  /** Subtracts from a series, as `increase` adds. */
  decrease (place: number, value: unknown): boolean {
    return typeof value === 'number' && this.#count(place, -value)
  }

  /** What goes up and down again stands for something that is still there, until it is 0. */
  protected override mayExpire (place: number): boolean {
    return !this.#counted.has(place) || this.valueAt(place) === 0
  }

  protected override forget (place: number): void {
    this.#counted.delete(place)
  }

  #count (place: number, value: number): boolean {
    if (!this.add(place, value)) return false
    if (this.expires) this.#counted.add(place)
    return true
  }
}

import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'

const NOWHERE: Uint32Array = new Uint32Array(1)
/** No series begins then. */
const NEVER = -1

/** A series that calls without labels of their own go to: its place is looked up once, and again when the series has ended. */
export class BoundSeries {
  readonly #family: Family
  #place = NONE
  #birth = NEVER
  // Held here, since this is what a bound call takes its time for.
  #births = NOWHERE
  #slot = 0

  constructor (family: Family) {
    this.#family = family
  }

  /** Where the series is; `NONE` before the first call, and when it was removed, has expired, or was reset. */
  get place (): number {
    return this.#births[this.#slot] === this.#birth ? this.#place : NONE
  }

  keep (place: number): void {
    const { pages } = this.#family.table
    this.#place = place
    this.#slot = place & pages.mask
    this.#births = pages.pageOf(place).births
    this.#birth = pages.birthAt(place)
  }
}

import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'

const NO_GENERATIONS: Uint32Array = new Uint32Array(1)
/** No series begins then. */
const NEVER = -1

/** A series that calls without labels of their own go to: its place is looked up once, and again when the series has ended. */
export class BoundSeries {
  readonly #family: Family
  #index = NONE
  #generation = NEVER
  // Held here, since this is what a bound call takes its time for.
  #generations = NO_GENERATIONS
  #slot = 0

  constructor (family: Family) {
    this.#family = family
  }

  /** Where the series is; `NONE` before the first call, and when it was removed, has expired, or was reset. */
  get index (): number {
    return this.#generations[this.#slot] === this.#generation ? this.#index : NONE
  }

  bind (index: number): void {
    const { pages } = this.#family.table
    this.#index = index
    this.#slot = index & pages.mask
    this.#generations = pages.pageOf(index).generations
    this.#generation = pages.generationAt(index)
  }
}

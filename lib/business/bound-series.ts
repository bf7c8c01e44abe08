import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'

const NO_GENERATIONS: Uint32Array = new Uint32Array(1)
/** A generation that no series has. */
const UNBOUND = -1

/**
 * The series of calls that pass no labels: those of a bound handle, and those without labels. Its index is looked up
 * once, and again after the series was removed.
 */
export class BoundSeries {
  readonly #family: Family
  #index = NONE
  #generation = UNBOUND
  // Stored here, since the check in `index` takes most of the time of a bound call.
  #generations = NO_GENERATIONS
  #slot = 0

  constructor (family: Family) {
    this.#family = family
  }

  /** The index of the series; `NONE` before the first call, and after the series was removed, expired or reset. */
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

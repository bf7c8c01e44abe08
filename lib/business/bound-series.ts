import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'
import type { Pages } from '../series/pages.js'

/** A series that calls without labels of their own go to: its place is looked up once, and again when the series has ended. */
export class BoundSeries {
  readonly #pages: Pages
  #place = NONE
  #birth = 0

  constructor ({ table }: Family) {
    this.#pages = table.pages
  }

  /** Where the series is; `NONE` before the first call, and when it was removed, has expired, or was reset. */
  get place (): number {
    return this.#place !== NONE && this.#pages.birthAt(this.#place) === this.#birth ? this.#place : NONE
  }

  keep (place: number): void {
    this.#place = place
    this.#birth = this.#pages.birthAt(place)
  }
}

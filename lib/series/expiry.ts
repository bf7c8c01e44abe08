import type { SeriesTable } from './series-table.js'

/** What series expire by. */
export interface ExpiryOptions {
  readonly table: SeriesTable
  /** In milliseconds. */
  readonly after: number
  /** Whether a series that nothing was written to may end as it is. */
  mayEnd (place: number): boolean
}

/**
 * Ends series that nothing was written to for a time, but none before a scrape that was completed has shown its last value.
 * Times are in milliseconds, as `performance.now()` gives them.
 */
export class Expiry {
  readonly #table: SeriesTable
  readonly #after: number
  readonly #mayEnd: (place: number) => boolean
  /** When the latest scrape began of those that were completed. */
  #shown = -Infinity
  /** Nothing expires before. */
  #next = -Infinity

  constructor ({ table, after, mayEnd }: ExpiryOptions) {
    this.#table = table
    this.#after = after
    this.#mayEnd = mayEnd
  }

  /** A scrape that began then was completed. */
  shown (began: number): void {
    this.#shown = Math.max(this.#shown, began)
    this.#next = -Infinity
  }

  /** Ends what has expired, and gives the places of what has ended. */
  end (now: number): number[] {
    // A metric that has all its series asks at every value that finds no place.
    if (now < this.#next) return []
    const { pages } = this.#table
    const ended: number[] = []
    this.#next = now + this.#after
    for (const place of this.#table.places()) {
      const written = pages.pageOf(place).writes![place & pages.mask]! // kept, and within the array
      if (now - written < this.#after) this.#next = Math.min(this.#next, written + this.#after)
      else if (written <= this.#shown && this.#mayEnd(place)) ended.push(place)
    }
    for (const place of ended) this.#table.remove(place)
    return ended
  }
}

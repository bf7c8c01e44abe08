import type { SeriesTable } from './series-table.js'

/** Places looked at between two pauses, of which each takes 10 ns, or 800 ns where its series ends. */
const SERIES_PER_PAUSE = 256

/** What series expire by. */
export interface ExpiryOptions {
  readonly table: SeriesTable
  /** In milliseconds. */
  readonly after: number
  /** Whether a series that nothing was written to may end as it is. */
  canExpire (index: number): boolean
}

/**
 * Ends series that nothing was written to for a time, but none before a scrape that was completed has shown its last value.
 * Times are in milliseconds, as `performance.now()` gives them.
 */
export class Expiry {
  readonly #table: SeriesTable
  readonly #after: number
  readonly #mayEnd: (index: number) => boolean
  /** When the latest scrape began of those that were completed. */
  #shown = -Infinity
  /** Nothing expires before, but what a scrape shows by then. */
  #next = -Infinity
  /** When it was looked at last. */
  #checked = -Infinity

  constructor ({ table, after, canExpire }: ExpiryOptions) {
    this.#table = table
    this.#after = after
    this.#mayEnd = canExpire
  }

  /** A scrape that began then was completed. */
  markScraped (began: number): void {
    this.#shown = Math.max(this.#shown, began)
    this.#next = -Infinity
  }

  /**
   * Whether to look for room: a metric that has all its series asks at every value that finds no place. It looks no more than a
   * hundred times in `after`, however the writes are spread, so a place becomes free by a hundredth of that too late at most.
   */
  isDue (now: number): boolean {
    return now >= this.#next && now >= this.#checked + this.#after / 100
  }

  /**
   * Ends what has expired, and pauses now and then, so that many series need not be looked through at once. `forget` hears of each
   * that ends.
   */
  * end (now: number, onRemove: (index: number) => void): Generator<void> {
    if (now < this.#next) return
    this.#checked = now
    this.#next = now + this.#after
    let next = now + this.#after // for what is written to meanwhile
    const { pages } = this.#table
    for (const index of this.#table.indices()) {
      const written = pages.pageOf(index).lastWrites![index & pages.mask]! // kept, and within the array
      if (now - written < this.#after) next = Math.min(next, written + this.#after)
      else if (written <= this.#shown && this.#mayEnd(index)) {
        onRemove(index)
        this.#table.remove(index)
      }
      if (index % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
    // Unless a scrape has shown them meanwhile: then some may end now.
    this.#next = Math.min(this.#next, next)
  }
}

import type { SeriesTable } from './series-table.js'

/** Series checked between two pauses. A check takes 10 ns, or 800 ns if it removes the series. */
const SERIES_PER_PAUSE = 256

/** When and which series of a table expire. */
export interface ExpiryOptions {
  readonly table: SeriesTable
  /** How long a series exists after its last write, in milliseconds. */
  readonly after: number
  /** Whether a series that was not written to for that long may be removed with its current value. */
  canExpire (index: number): boolean
}

/**
 * Removes series that were not written to for some time, but none before a completed scrape has shown its last value.
 * Times are in milliseconds, as returned by `performance.now()`.
 */
export class Expiry {
  readonly #table: SeriesTable
  readonly #after: number
  readonly #canExpire: (index: number) => boolean
  /** When the latest completed scrape started. */
  #latestScrape = -Infinity
  /** No series expires before this time, unless a scrape completes first. */
  #nextExpiry = -Infinity
  /** When the latest search for expired series started. */
  #latestSearch = -Infinity

  constructor ({ table, after, canExpire }: ExpiryOptions) {
    this.#table = table
    this.#after = after
    this.#canExpire = canExpire
  }

  /** Notes that the scrape that started at this time has completed. */
  markScraped (startedAt: number): void {
    this.#latestScrape = Math.max(this.#latestScrape, startedAt)
    this.#nextExpiry = -Infinity
  }

  /**
   * Whether to search for expired series. A metric at its limit calls this for every value whose series does not exist.
   * Searches are at least 1/100 of `after` apart, however the writes are distributed. So a series that has expired
   * makes space for another with a delay of at most 1/100 of `after`.
   */
  isDue (now: number): boolean {
    return now >= this.#nextExpiry && now >= this.#latestSearch + this.#after / 100
  }

  /**
   * Removes expired series, and pauses regularly, so many series need not be searched at once. `onRemove` is called
   * before each series is removed.
   */
  * removeExpired (now: number, onRemove: (index: number) => void): Generator<void> {
    if (now < this.#nextExpiry) return
    this.#latestSearch = now
    this.#nextExpiry = now + this.#after
    let nextExpiry = now + this.#after // the earliest expiry of a series that is written to during this search
    const { pages } = this.#table
    for (const index of this.#table.indices()) {
      const writtenAt = pages.pageOf(index).lastWrites![index & pages.mask]! // tracked, and within the array
      if (now - writtenAt < this.#after) nextExpiry = Math.min(nextExpiry, writtenAt + this.#after)
      else if (writtenAt <= this.#latestScrape && this.#canExpire(index)) {
        onRemove(index)
        this.#table.remove(index)
      }
      if (index % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
    // `markScraped` may have run during a pause: then some series may expire now.
    this.#nextExpiry = Math.min(this.#nextExpiry, nextExpiry)
  }
}

import { localSystem } from './system.js'

/** A time by two clocks, in milliseconds. */
export interface WriteTime {
  /** Since 1970. */
  readonly date: number
  /** Of `performance.now()`. */
  readonly time: number
}

/** How many writes are known. A scrape that took longer than these shows that older series were scraped. */
const MAX_TIMES = 64

/** The time of a file may be read as a little less than it was set to, in milliseconds. */
const PRECISION = 1

/**
 * When this process has written its series. A scrape of another process has shown the last write before the scrape
 * began to read.
 */
export class WriteTimes {
  #times: WriteTime[] = []
  #latestScrape = -Infinity

  add (time: WriteTime): void {
    this.#times.push(time)
    if (this.#times.length > MAX_TIMES) this.#times.shift()
  }

  /**
   * When the series were written that a completed scrape has shown, by `performance.now()`. `scrapedAt` is when the
   * scrape began, in milliseconds since 1970. Returns `null` if that is not known, or was returned before.
   */
  shownBy (scrapedAt: number): number | null {
    // A time in the future is that of no scrape, or of a clock that was set back since.
    if (scrapedAt === this.#latestScrape || scrapedAt > localSystem.now()) return null
    this.#latestScrape = scrapedAt
    const next = this.#times.findIndex(({ date }) => date >= scrapedAt - PRECISION)
    const shown = this.#times.slice(0, next === -1 ? undefined : next)
    return shown.at(-1)?.time ?? null
  }
}

import { ignoreRejection } from '../util/ignore-rejection.js'
import { now } from '../util/native-timers.js'

/** The time between two collections, in milliseconds. */
const COLLECT_INTERVAL = 10_000

/**
 * How long after a scrape of any process samples are collected, in milliseconds. By default, Prometheus scrapes once a
 * minute. A scrape that fails must not end the collections.
 */
const MAX_SCRAPE_AGE = 150_000

export interface SamplingOptions {
  /**
   * Collects the metrics of this process that are not in the store, and writes their samples. It is not called again
   * before it settles. The timeout of the collectors ends it, and so does the signal.
   */
  readonly collect: (signal: AbortSignal) => Promise<void>
  readonly onError: (err: unknown) => void
  /** The time in milliseconds since 1970. @default Date.now */
  readonly wallTime?: (() => number) | undefined
  /** The time in milliseconds of a clock that does not go back. @default performance.now */
  readonly time?: (() => number) | undefined
}

/** Collects samples for the other processes: every 10 s, while any process of the service is scraped. */
export class Sampling {
  readonly #options: SamplingOptions
  readonly #closing = new AbortController()
  #collectedAt = -Infinity
  #isCollecting = false

  constructor (options: SamplingOptions) {
    this.#options = options
  }

  /** Collects if that is due. `lastScrape` is when any process was last scraped, in milliseconds since 1970. */
  update (lastScrape: number): void {
    const { wallTime = Date.now, time = now } = this.#options
    if (this.#isCollecting || this.#closing.signal.aborted || time() - this.#collectedAt < COLLECT_INTERVAL) return
    // A time in the future is that of a clock that was set back since.
    if (Math.abs(wallTime() - lastScrape) >= MAX_SCRAPE_AGE) return
    this.#collectedAt = time()
    this.#isCollecting = true
    ignoreRejection(this.#collect(this.#closing.signal)) // it reports its errors
  }

  /** Ends a collection that is in progress. */
  close (): void {
    this.#closing.abort()
  }

  async #collect (signal: AbortSignal): Promise<void> {
    const { collect, onError } = this.#options
    try {
      await collect(signal)
    } catch (err) {
      if (!signal.aborted) onError(err)
    } finally {
      this.#isCollecting = false
    }
  }
}

import { now } from '../util/native-timers.js'

/**
 * How long scrapes fail before they leave out what cannot be read, in milliseconds. After 5 minutes Prometheus takes a
 * series for a new one.
 */
const MAX_OUTAGE = 5 * 60_000

/**
 * Decides what a scrape does while counts of the service cannot be read that may be readable again soon, for example
 * without free descriptors. At first it fails: without them, Prometheus would take smaller counters for a restart, and
 * later count everything again. A file that stays unreadable must not make all scrapes fail for good.
 */
export class Outage {
  readonly #time: () => number
  #since: number | null = null

  /** @param time milliseconds of a clock that does not go back */
  constructor (time: () => number = now) {
    this.#time = time
  }

  /** Whether the scrape must fail. Called when counts cannot be read. */
  mustFail (): boolean {
    this.#since ??= this.#time()
    return this.#time() - this.#since < MAX_OUTAGE
  }

  /** Called after everything was read. */
  end (): void {
    this.#since = null
  }
}

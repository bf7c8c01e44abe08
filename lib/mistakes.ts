import { Counter } from 'prom-client'
import type { NamedMetric } from './registry.js'
import type { LogDetails, SafeLog } from './safe-log.js'
import { startFromZero } from './start-from-zero.js'

/** UTF-16 units of a name; a longer one is counted under `OVERFLOW`. */
const MAX_NAME = 256
/** Names that are counted apart; further ones are counted under `OVERFLOW`, since a registry may hold ever new ones. */
const MAX_NAMES = 1000
const OVERFLOW = '__overflow__'

/** What is logged of a call that failed. */
const NOT_RECORDED = 'a metric was not recorded'

/** What is logged of a metric, or of default labels, that failed when they were read. */
export const LEFT_OUT = 'a scrape left out what failed'

/** Keeps what went wrong with a metric out of the request and in sight: logged once per metric, counted always. */
export class Mistakes {
  /** `metrics_errors_total` and `metrics_overflow_total`, for the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #errorsTotal: Counter<'metric'>
  readonly #overflowTotal: Counter<'metric'>
  readonly #log: SafeLog
  readonly #logged = new Set<string>()
  readonly #names = new Set<string>()
  readonly #watched: Array<{ readonly metric: string }> = []
  readonly #limited: Array<{ readonly metric: string }> = []

  constructor (namePrefix: string, log: SafeLog) {
    this.#log = log
    this.#errorsTotal = new Counter({
      name: `${namePrefix}metrics_errors_total`,
      help: 'Calls and callbacks of metrics that failed, by metric',
      labelNames: ['metric'],
      registers: []
    })
    this.#overflowTotal = new Counter({
      name: `${namePrefix}metrics_overflow_total`,
      help: 'Values that landed in the overflow series of a metric because it has too many series, by metric',
      labelNames: ['metric'],
      registers: []
    })
    // prom-client's types leave out the `name` that its objects have.
    this.metrics = [this.#errorsTotal as Counter & NamedMetric, this.#overflowTotal as Counter & NamedMetric]
    startFromZero(this.#errorsTotal, () => this.#watched)
    startFromZero(this.#overflowTotal, () => this.#limited)
  }

  /** Makes the series of a metric exist before its first mistake, and before its first overflow where it can have one. */
  watch (metric: string, canOverflow: boolean): void {
    this.#names.add(metric)
    this.#watched.push({ metric })
    this.#errorsTotal.inc({ metric }, 0)
    if (!canOverflow) return
    this.#limited.push({ metric })
    this.#overflowTotal.inc({ metric }, 0)
  }

  /** What failed with a metric; `consequence` says what was done in its place, and is logged once for each metric. */
  error (name: string, err: unknown, consequence = NOT_RECORDED): void {
    const metric = this.#bounded(name)
    this.#errorsTotal.inc({ metric })
    this.#warnOnce(`${metric} ${consequence}`, { metric, err }, `${consequence}; more of these are only counted`)
  }

  /** A value that was recorded in the overflow series. */
  overflow (metric: string): void {
    this.#overflowTotal.inc({ metric })
    this.#warnOnce(`${metric} overflow`, { metric }, "a metric has too many series (option 'maxSeries'); values of further ones have '__overflow__' as their labels, and are only counted from here on")
  }

  #bounded (name: string): string {
    if (this.#names.has(name)) return name
    if (name.length > MAX_NAME || this.#names.size >= MAX_NAMES) return OVERFLOW
    this.#names.add(name)
    return name
  }

  #warnOnce (key: string, details: LogDetails, message: string): void {
    if (this.#logged.has(key)) return
    this.#logged.add(key)
    this.#log.warn(details, message)
  }
}

import { Counter } from 'prom-client'
import { fitsLabel, MAX_LABEL_LENGTH, OVERFLOW } from '../series/label-value.js'
import type { NamedMetric } from './registry.js'
import type { LogDetails, SafeLog } from './safe-log.js'
import { startFromZero } from './start-from-zero.js'

/** Names that are counted apart; further ones are counted under `OVERFLOW`, since a registry may hold ever new ones. */
const MAX_NAMES = 1000

/** What is logged of a call that failed. */
const NOT_RECORDED = 'a metric was not recorded'

/** What is logged of a metric, or of default labels, that failed when they were read. */
export const LEFT_OUT = 'a scrape left out what failed'

/** Why a value landed in an overflow series: the metric has too many, or a label of it is too long. */
export type OverflowReason = 'series' | 'length'

const OVERFLOW_LABELS = `the labels of such values are '${OVERFLOW}', and more of them are only counted`
const OVERFLOWS: Readonly<Record<OverflowReason, string>> = {
  series: `a metric has too many series (option 'maxSeries'); ${OVERFLOW_LABELS}`,
  length: `a label is longer than ${MAX_LABEL_LENGTH} characters; ${OVERFLOW_LABELS}`
}

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
      help: 'Values that landed in the overflow series of a metric for too many series or a long label, by metric',
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
  overflow (metric: string, reason: OverflowReason): void {
    this.#overflowTotal.inc({ metric })
    this.#warnOnce(`${metric} ${reason}`, { metric }, OVERFLOWS[reason])
  }

  // Names of metrics of others come from the registry.
  #bounded (given: string): string {
    const name = given.toWellFormed()
    if (this.#names.has(name)) return name
    if (!fitsLabel(name) || this.#names.size >= MAX_NAMES) return OVERFLOW
    this.#names.add(name)
    return name
  }

  #warnOnce (key: string, details: LogDetails, message: string): void {
    if (this.#logged.has(key)) return
    this.#logged.add(key)
    this.#log.warn(details, message)
  }
}

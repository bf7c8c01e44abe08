import { CounterFamily } from '../series/counter-family.js'
import { fitsLabel, MAX_LABEL_LENGTH, OVERFLOW } from '../series/label-value.js'
import type { OverflowReason } from '../series/family-options.js'
import { familyMetric } from './family-metric.js'
import type { NamedMetric } from './plugin-metric.js'
import type { LogDetails, SafeLog } from './safe-log.js'

/** The most metric names that are counted; more are counted as `OVERFLOW`, since a registry may get ever new names. */
const MAX_NAMES = 1000

/** The log message of a call that failed. */
const NOT_RECORDED = 'a metric was not recorded'

/** The log message of a metric, a row, default labels or a registry that could not be read. */
export const LEFT_OUT = 'a scrape left out something that failed'

const OVERFLOW_LABELS = `the labels of such values are '${OVERFLOW}', and more of them are only counted`
const OVERFLOWS: Readonly<Record<OverflowReason, string>> = {
  series: `a metric has too many series (option 'maxSeries'); ${OVERFLOW_LABELS}`,
  length: `a label is longer than ${MAX_LABEL_LENGTH} characters; ${OVERFLOW_LABELS}`
}

/** Reports metric errors and overflows without failing the request: counts each, and logs the first of each metric. */
export class MetricErrors {
  /** `metrics_errors_total` and `metrics_overflow_total`, for the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #errorsTotal: CounterFamily
  readonly #overflowTotal: CounterFamily
  readonly #log: SafeLog
  readonly #logged = new Set<string>()
  readonly #names = new Set<string>()

  constructor (namePrefix: string, log: SafeLog) {
    this.#log = log
    const byMetric = { labels: [{ name: 'metric', listed: [] }], keepsSeriesOnReset: true }
    this.#errorsTotal = new CounterFamily({
      name: `${namePrefix}metrics_errors_total`,
      help: 'Calls and callbacks of metrics that failed, by metric',
      ...byMetric
    })
    this.#overflowTotal = new CounterFamily({
      name: `${namePrefix}metrics_overflow_total`,
      help: 'Values that landed in the overflow series of a metric for too many series or a long label, by metric',
      ...byMetric
    })
    this.metrics = [familyMetric(this.#errorsTotal), familyMetric(this.#overflowTotal)]
  }

  /** Adds the series of a metric at 0, before its first error and, if it can overflow, before its first overflow. */
  addSeries (metric: string, { canOverflow }: { readonly canOverflow: boolean }): void {
    this.#names.add(metric)
    this.#errorsTotal.admit([metric])
    if (canOverflow) this.#overflowTotal.admit([metric])
  }

  /** Counts an error of a metric. `consequence` says what was done instead; each is logged once for each metric. */
  countError (name: string, err: unknown, consequence = NOT_RECORDED): void {
    const metric = this.#boundedName(name)
    this.#errorsTotal.increase(this.#errorsTotal.admit([metric]), 1)
    this.#warnOnce(`${metric} ${consequence}`, { metric, err }, `${consequence}; more of these are only counted`)
  }

  /** Counts a value that was recorded in the overflow series. */
  countOverflow (metric: string, reason: OverflowReason): void {
    this.#overflowTotal.increase(this.#overflowTotal.admit([metric]), 1)
    this.#warnOnce(`${metric} ${reason}`, { metric }, OVERFLOWS[reason])
  }

  /** The label value of a metric's name; the names of external metrics come from the registry, without a limit. */
  #boundedName (unboundedName: string): string {
    const name = unboundedName.toWellFormed()
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

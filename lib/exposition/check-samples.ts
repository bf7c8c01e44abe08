import type { Reject } from '../util/reject.js'
import { HistogramCheck } from './check-histogram.js'
import type { Row } from './format.js'
import { addIfNew, isCount, NOT_CONSECUTIVE, parseBound, seriesKey, WRONG_SAMPLE_NAME } from './sample-rules.js'
import type { SamplesCheck } from './sample-rules.js'

/** Creates the check for a family of this name and type. Its rules are common to Prometheus text and OpenMetrics. */
export function createSamplesCheck (name: string, type: string, reject: Reject): SamplesCheck {
  if (type === 'histogram') return new HistogramCheck(name, reject)
  if (type === 'summary') return new SummaryCheck(name, reject)
  return new PlainCheck(name, type, reject)
}

/** Checks that each series has one sample, with the name of the family. */
class PlainCheck implements SamplesCheck {
  readonly #name: string
  readonly #isCounter: boolean
  readonly #reject: Reject
  readonly #seenKeys = new Set<string>()

  constructor (name: string, type: string, reject: Reject) {
    this.#name = name
    this.#isCounter = type === 'counter'
    this.#reject = reject
  }

  accepts ({ metricName = this.#name, labels, value }: Row): boolean {
    if (metricName !== this.#name) throw this.#reject(WRONG_SAMPLE_NAME, metricName)
    if (this.#isCounter && !(value >= 0)) throw this.#reject('a counter must be at least 0', value)
    return addIfNew(seriesKey(labels), this.#seenKeys)
  }

  finish (): void {}
}

/** Checks quantiles, sums and counts, and that the samples of each series are consecutive. */
class SummaryCheck implements SamplesCheck {
  readonly #name: string
  readonly #reject: Reject
  readonly #seenKeys = new Set<string>()
  readonly #seenSeries = new Set<string>()
  #series: string | undefined

  constructor (name: string, reject: Reject) {
    this.#name = name
    this.#reject = reject
  }

  accepts ({ metricName = this.#name, labels = {}, value }: Row): boolean {
    const suffix = ['', '_sum', '_count'].find(suffix => metricName === this.#name + suffix)
    if (suffix === undefined) throw this.#reject(WRONG_SAMPLE_NAME, metricName)
    const { quantile } = labels
    const isValid = suffix === '' ? parseBound(quantile) >= 0 && parseBound(quantile) <= 1 : quantile === undefined
    if (!isValid) throw this.#reject('a quantile is not valid', quantile)
    if (suffix === '_count' && !isCount(value)) throw this.#reject('a count must be a whole number', value)
    if (suffix === '_sum' && Number.isNaN(value)) throw this.#reject('a sum must be a number', value)
    if (!addIfNew(suffix + seriesKey(labels), this.#seenKeys)) return false
    const series = seriesKey(labels, 'quantile')
    if (series !== this.#series && !addIfNew(series, this.#seenSeries)) throw this.#reject(NOT_CONSECUTIVE, metricName)
    this.#series = series
    return true
  }

  finish (): void {}
}

import type { UncheckedLabels } from '../series/label-value.js'
import type { Reject } from '../util/reject.js'
import type { Row } from './format.js'
import { addIfNew, isCount, NOT_CONSECUTIVE, parseBound, seriesKey } from './sample-rules.js'
import type { SamplesCheck } from './sample-rules.js'

/** Checks that each series has buckets with ascending bounds and cumulative counts, then its sum, then its count. */
export class HistogramCheck implements SamplesCheck {
  readonly #name: string
  readonly #reject: Reject
  /** The keys of the series that have begun. */
  readonly #seenKeys = new Set<string>()
  /** The key of the current series. */
  #series = ''
  #labels: UncheckedLabels = {}
  #expected: 'bucket' | 'sum' | 'count' | 'series' = 'series'
  #lastBound = -Infinity
  #lastCount = 0

  constructor (name: string, reject: Reject) {
    this.#name = name
    this.#reject = reject
  }

  accepts ({ metricName = this.#name, labels = {}, value }: Row): boolean {
    const isSame = this.#expected !== 'series' && haveSameLabels(labels, this.#labels)
    const series = isSame ? this.#series : seriesKey(labels, 'le')
    this.#labels = labels
    if (this.#expected === 'series') this.#startSeries(series, metricName)
    if (series !== this.#series) throw this.#reject('a series ends before its count', metricName)
    if (metricName === `${this.#name}_bucket`) this.#checkBucket(parseBound(labels['le']), value)
    else if ('le' in labels) throw this.#reject("only a bucket may have the label 'le'", metricName)
    else this.#checkSumOrCount(metricName, value)
    return true
  }

  finish (): void {
    if (this.#expected !== 'series') throw this.#reject('a series ends before its count', this.#expected)
  }

  #startSeries (series: string, metricName: string): void {
    if (!addIfNew(series, this.#seenKeys)) throw this.#reject(NOT_CONSECUTIVE, metricName)
    this.#series = series
    this.#expected = 'bucket'
    this.#lastBound = -Infinity
    this.#lastCount = 0
  }

  #checkBucket (bound: number, value: number): void {
    const isHigher = this.#expected === 'bucket' && bound > this.#lastBound
    if (!isHigher) throw this.#reject('the bounds of its buckets do not ascend', bound)
    if (!isCount(value) || value < this.#lastCount) throw this.#reject('its buckets are not cumulative', value)
    this.#lastBound = bound
    this.#lastCount = value
    if (bound === Infinity) this.#expected = 'sum'
  }

  #checkSumOrCount (metricName: string, value: number): void {
    const isSum = this.#expected === 'sum'
    const expectedName = `${this.#name}_${this.#expected}`
    if (metricName !== expectedName) throw this.#reject('sum and count must follow the bucket +Inf', metricName)
    if (isSum && Number.isNaN(value)) throw this.#reject('a sum must be a number', value)
    if (!isSum && value !== this.#lastCount) throw this.#reject('its count differs from its last bucket', value)
    this.#expected = isSum ? 'count' : 'series'
  }
}

/**
 * Whether two samples have the same labels, other than `le`, in the same order. Most buckets have the labels of the
 * bucket before, so this check saves making a key.
 */
function haveSameLabels (labels: UncheckedLabels, otherLabels: UncheckedLabels): boolean {
  const names = Object.keys(labels)
  const otherNames = Object.keys(otherLabels)
  if (names.length !== otherNames.length) return false
  for (let i = 0; i < names.length; i++) {
    const name = names[i]! // below the length
    if (name !== otherNames[i] || (name !== 'le' && labels[name] !== otherLabels[name])) return false
  }
  return true
}

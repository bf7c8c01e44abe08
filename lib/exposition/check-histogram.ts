import type { Row } from './format.js'
import { boundOf, isCount, isNew, keyOf, SCATTERED } from './sample-rules.js'
import type { SamplesCheck } from './sample-rules.js'
import type { Reject } from '../util/reject.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** Buckets with ascending bounds and cumulative counts, then sum and count, series by series. */
export class HistogramCheck implements SamplesCheck {
  readonly #name: string
  readonly #reject: Reject
  readonly #seen = new Set<string>()
  #series = ''
  #labels: UncheckedLabels = {}
  #next: 'bucket' | 'sum' | 'count' | 'series' = 'series'
  #bound = -Infinity
  #count = 0

  constructor (name: string, reject: Reject) {
    this.#name = name
    this.#reject = reject
  }

  accepts ({ metricName = this.#name, labels = {}, value }: Row): boolean {
    const isSame = this.#next !== 'series' && areAlike(labels, this.#labels)
    const series = isSame ? this.#series : keyOf(labels, 'le')
    this.#labels = labels
    if (this.#next === 'series') this.#begin(series, metricName)
    if (series !== this.#series) throw this.#reject('a series ends before its count', metricName)
    if (metricName === `${this.#name}_bucket`) this.#bucket(boundOf(labels['le']), value)
    else if ('le' in labels) throw this.#reject('a bound must be that of a bucket', metricName)
    else this.#sumOrCount(metricName, value)
    return true
  }

  end (): void {
    if (this.#next !== 'series') throw this.#reject('a series ends before its count', this.#next)
  }

  #begin (series: string, metricName: string): void {
    if (!isNew(series, this.#seen)) throw this.#reject(SCATTERED, metricName)
    this.#series = series
    this.#next = 'bucket'
    this.#bound = -Infinity
    this.#count = 0
  }

  #bucket (bound: number, value: number): void {
    const isHigher = this.#next === 'bucket' && bound > this.#bound
    if (!isHigher) throw this.#reject('the bounds of its buckets do not ascend', bound)
    if (!isCount(value) || value < this.#count) throw this.#reject('its buckets are not cumulative', value)
    this.#bound = bound
    this.#count = value
    if (bound === Infinity) this.#next = 'sum'
  }

  #sumOrCount (metricName: string, value: number): void {
    const isSum = this.#next === 'sum'
    const expected = `${this.#name}_${this.#next}`
    if (metricName !== expected) throw this.#reject('after the bucket +Inf must come sum and count', metricName)
    if (isSum && Number.isNaN(value)) throw this.#reject('a sum must be a number', value)
    if (!isSum && value !== this.#count) throw this.#reject('its count is not that of its last bucket', value)
    this.#next = isSum ? 'count' : 'series'
  }
}

/** Whether two samples have the same labels but `le`, in the same order: most buckets have those of the one before. */
function areAlike (labels: UncheckedLabels, others: UncheckedLabels): boolean {
  const names = Object.keys(labels)
  const otherNames = Object.keys(others)
  if (names.length !== otherNames.length) return false
  for (let i = 0; i < names.length; i++) {
    const name = names[i]! // below the length
    if (name !== otherNames[i] || (name !== 'le' && labels[name] !== others[name])) return false
  }
  return true
}

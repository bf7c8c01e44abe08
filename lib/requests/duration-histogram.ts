import { registryMetric } from '../registry.js'
import type { NamedMetric, Sample } from '../registry.js'

/** The labels of a series of requests. */
export interface RequestLabels {
  readonly method: string
  readonly path: string
  readonly status: string
}

/** One series: where its numbers lie, and what it is called. */
export interface DurationSeries {
  readonly labels: RequestLabels
  /** Counts of each bucket and of `+Inf`, not cumulative, then the sum in seconds. */
  readonly slots: Float64Array
}

/** Upper bounds of `request_duration_seconds`, in seconds; the contract's, and those of the exporter that this replaces. */
export const DURATION_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** A histogram whose observations cost an array access: its series are handed out once and observed by reference. */
export class DurationHistogram {
  /** In the order in which they came. */
  readonly series: DurationSeries[] = []
  /** The histogram as a registry reads it. */
  readonly metric: NamedMetric
  readonly #name: string
  readonly #bounds: readonly number[]

  constructor (name: string, bounds: readonly number[] = DURATION_BUCKETS) {
    this.#name = name
    this.#bounds = bounds
    this.metric = registryMetric({
      name,
      help: 'Duration of HTTP requests from arrival to the end of the response, in seconds',
      type: 'histogram',
      labelNames: ['method', 'path', 'status'],
      values: () => this.series.flatMap(series => this.#samples(series)),
      reset: () => { for (const { slots } of this.series) slots.fill(0) }
    })
  }

  /** A new series, at 0. */
  add (labels: RequestLabels): DurationSeries {
    const series = { labels, slots: new Float64Array(this.#bounds.length + 2) }
    this.series.push(series)
    return series
  }

  /** Puts `seconds` into a series. */
  observe ({ slots }: DurationSeries, seconds: number): void {
    const bounds = this.#bounds
    const length = bounds.length
    let i = 0
    // A linear search beats a binary one over so few bounds, the more as most requests are fast.
    // The indices are within the arrays by construction, hence the assertions.
    while (i < length && seconds > bounds[i]!) i++
    slots[i]!++
    slots[length + 1]! += seconds
  }

  #samples ({ labels, slots }: DurationSeries): Sample[] {
    const length = this.#bounds.length
    const samples: Sample[] = []
    let cumulative = 0
    for (let i = 0; i <= length; i++) {
      cumulative += slots[i]! // within the array, as above
      samples.push({ labels: { le: this.#bounds[i] ?? '+Inf', ...labels }, value: cumulative, metricName: `${this.#name}_bucket` })
    }
    samples.push({ labels: { ...labels }, value: slots[length + 1]!, metricName: `${this.#name}_sum` }) // likewise
    samples.push({ labels: { ...labels }, value: cumulative, metricName: `${this.#name}_count` })
    return samples
  }
}

/** How many requests a series has seen. */
export function requestCount ({ slots }: DurationSeries): number {
  let count = 0
  for (let i = 0; i < slots.length - 1; i++) count += slots[i]! // within the array
  return count
}

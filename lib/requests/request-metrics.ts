import { registryMetric } from '../registry.js'
import type { NamedMetric, Sample } from '../registry.js'
import { DurationHistogram, requestCount } from './duration-histogram.js'

/** Requests that ended in 5xx after an error, of one route and method. */
export interface ExceptionSeries {
  readonly labels: { readonly method: string, readonly path: string }
  count: number
}

/** What all requests of an instance write into, and the registry reads. */
export class RequestMetrics {
  readonly durations: DurationHistogram
  inFlight = 0
  readonly #exceptions: ExceptionSeries[] = []
  /** For the registry. */
  readonly metrics: readonly NamedMetric[]

  constructor (namePrefix: string) {
    this.durations = new DurationHistogram(`${namePrefix}request_duration_seconds`)
    this.metrics = [
      this.durations.metric,
      registryMetric({
        name: `${namePrefix}requests_total`,
        help: 'HTTP requests that ended, by method and status',
        type: 'counter',
        labelNames: ['method', 'status'],
        values: () => this.#totals()
      }),
      registryMetric({
        name: `${namePrefix}request_exceptions_total`,
        help: 'HTTP requests that ended in 5xx after an error, by method and route',
        type: 'counter',
        labelNames: ['method', 'path'],
        values: () => this.#exceptions.map(({ labels, count }) => ({ labels, value: count })),
        reset: () => { for (const series of this.#exceptions) series.count = 0 }
      }),
      registryMetric({
        name: `${namePrefix}requests_in_flight`,
        help: 'HTTP requests that have not ended yet',
        type: 'gauge',
        labelNames: [],
        // A reset leaves it as it is: requests that are in the air then still count it down.
        values: () => [{ labels: {}, value: this.inFlight }]
      })
    ]
  }

  /** A new series of `request_exceptions_total`, at 0. */
  addExceptions (labels: ExceptionSeries['labels']): ExceptionSeries {
    const series = { labels, count: 0 }
    this.#exceptions.push(series)
    return series
  }

  // Derived from the histogram, so that it costs a request nothing.
  #totals (): Sample[] {
    const totals = new Map<string, { labels: { method: string, status: string }, value: number }>()
    for (const series of this.durations.series) {
      const { method, status } = series.labels
      const key = `${method} ${status}`
      const total = totals.get(key) ?? { labels: { method, status }, value: 0 }
      total.value += requestCount(series)
      totals.set(key, total)
    }
    return [...totals.values()]
  }
}

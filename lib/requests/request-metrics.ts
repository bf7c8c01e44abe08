import { SIZE_BUCKETS } from '../series/buckets.js'
import type { ResolvedRequests } from '../options/options.js'
import { registryMetric } from '../registry/registry.js'
import type { NamedMetric, Sample } from '../registry/registry.js'
import { DurationHistogram } from './duration-histogram.js'

/** The labels of `request_duration_seconds`, with those of the application's own. */
export interface DurationLabels extends Readonly<Record<string, string>> {
  readonly method: string
  readonly path: string
  readonly status: string
}

/** The labels of what is kept of a route and method. */
export interface RouteLabels extends Readonly<Record<string, string>> {
  readonly method: string
  readonly path: string
}

/** Requests that ended in 5xx after an error, of one route and method. */
export interface ExceptionSeries {
  readonly labels: RouteLabels
  count: number
}

interface TotalLabels extends Readonly<Record<string, string>> {
  readonly method: string
  readonly status: string
}

/** Series added up between two pauses, some 20 µs of work. */
const SERIES_PER_PAUSE = 256

/** What all requests of an instance write into, and the registry reads. */
export class RequestMetrics {
  readonly durations: DurationHistogram<DurationLabels>
  readonly requestSizes: DurationHistogram<RouteLabels>
  readonly responseSizes: DurationHistogram<RouteLabels>
  inFlight = 0
  /** The name of `request_exceptions_total` with its prefix. */
  readonly exceptionsName: string
  /** For the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #exceptions: ExceptionSeries[] = []
  /** The labels of the series of `requests_total`. */
  readonly #totals: TotalLabels[] = []
  /** Their places, by method and then by status: an application may answer with hundreds of statuses. */
  readonly #totalPlaces = new Map<string, Map<string, number>>()
  /** Of which of these each series of `durations` is a part, by its place. */
  readonly #totalOf: number[] = []

  constructor (namePrefix: string, { buckets, labels, sizes }: ResolvedRequests) {
    this.exceptionsName = `${namePrefix}request_exceptions_total`
    this.durations = new DurationHistogram({
      name: `${namePrefix}request_duration_seconds`,
      help: 'Duration of HTTP requests from arrival to the end of the response, in seconds',
      labelNames: ['method', 'path', 'status', ...Object.keys(labels)],
      buckets
    })
    this.requestSizes = new DurationHistogram({
      name: `${namePrefix}request_size_bytes`,
      help: 'Size of the bodies of HTTP requests as received, in bytes',
      labelNames: ['method', 'path'],
      buckets: SIZE_BUCKETS
    })
    this.responseSizes = new DurationHistogram({
      name: `${namePrefix}response_size_bytes`,
      help: 'Size of the bodies of HTTP responses as sent, in bytes',
      labelNames: ['method', 'path'],
      buckets: SIZE_BUCKETS
    })
    this.metrics = [
      this.durations.metric,
      ...(sizes ? [this.requestSizes.metric, this.responseSizes.metric] : []),
      registryMetric({
        name: `${namePrefix}requests_total`,
        help: 'HTTP requests that ended, by method and status',
        type: 'counter',
        labelNames: ['method', 'status'],
        values: () => this.#samplesOfTotals()
      }),
      registryMetric({
        name: this.exceptionsName,
        help: 'HTTP requests that ended in 5xx after an error, by method and route',
        type: 'counter',
        labelNames: ['method', 'path'],
        values: () => this.#exceptions.map(({ labels, count }) => ({ labels, value: count })),
        source: { name: this.exceptionsName, series: this.#exceptions },
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
  addExceptions (labels: RouteLabels): ExceptionSeries {
    const series = { labels, count: 0 }
    this.#exceptions.push(series)
    return series
  }

  // Derived from the histogram, so that it costs a request nothing. Several scrapes may be at it, each with sums of its own.
  * #samplesOfTotals (): Generator<Sample | undefined> {
    const { durations } = this
    const sums: number[] = []
    for (let i = 0; i < durations.series.length; i++) {
      const place = this.#totalOf[i] ??= this.#placeOfTotal(durations.series[i]!.labels) // below its length
      sums[place] = (sums[place] ?? 0) + durations.countAt(i)
      if (i % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
    for (const [place, value] of sums.entries()) yield { labels: this.#totals[place]!, value } // it has been summed up
  }

  #placeOfTotal ({ method, status }: DurationLabels): number {
    const places = this.#totalPlaces.get(method) ?? new Map<string, number>()
    const place = places.get(status) ?? this.#totals.push({ method, status }) - 1
    this.#totalPlaces.set(method, places.set(status, place))
    return place
  }
}

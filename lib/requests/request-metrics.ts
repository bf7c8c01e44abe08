import type { ResolvedRequests } from '../options/options.js'
import { familyMetric } from '../registry/family-metric.js'
import { registryMetric } from '../registry/plugin-metric.js'
import type { NamedMetric, Sample } from '../registry/plugin-metric.js'
import { SIZE_BUCKETS } from '../series/buckets.js'
import { CounterFamily } from '../series/counter-family.js'
import { HistogramFamily } from '../series/histogram-family.js'
import { NONE } from '../series/label-values.js'
import { SeriesTable } from '../series/series-table.js'
import type { LabelRule } from '../series/series-table.js'

/** Labels of `durations`, by their places. */
const METHOD = 0
const STATUS = 2

/** Series added up between two pauses, some 20 µs of work. */
const SERIES_PER_PAUSE = 256

const labelRules = (names: readonly string[]): LabelRule[] => names.map(name => ({ name, listed: [] }))

/** What all requests of an instance write into, and the registry reads. */
export class RequestMetrics {
  readonly durations: HistogramFamily
  readonly requestSizes: HistogramFamily
  readonly responseSizes: HistogramFamily
  readonly exceptions: CounterFamily
  inFlight = 0
  /** For the registry. */
  readonly metrics: readonly NamedMetric[]
  /** The series of `requests_total`, without their numbers. */
  readonly #totals = new SeriesTable({ labels: labelRules(['method', 'status']), width: 0 })
  /** Of which of these each series of `durations` is a part, by its place. */
  readonly #totalOf: number[] = []

  constructor (namePrefix: string, { buckets, labels, sizes: measuresSizes }: ResolvedRequests) {
    const keepsSeriesOnReset = true // what a route had stays, so that references to it hold
    const ofRoute = labelRules(['method', 'path'])
    this.durations = new HistogramFamily({
      name: `${namePrefix}request_duration_seconds`,
      help: 'Duration of HTTP requests from arrival to the end of the response, in seconds',
      labels: labelRules(['method', 'path', 'status', ...Object.keys(labels)]),
      buckets,
      keepsSeriesOnReset
    })
    const sizes = { labels: ofRoute, buckets: SIZE_BUCKETS, keepsSeriesOnReset }
    const sizesOf = (side: string, what: string): HistogramFamily =>
      new HistogramFamily({ name: `${namePrefix}${side}_size_bytes`, help: `Size of the bodies of HTTP ${what}, in bytes`, ...sizes })
    this.requestSizes = sizesOf('request', 'requests as received')
    this.responseSizes = sizesOf('response', 'responses as sent')
    this.exceptions = new CounterFamily({
      name: `${namePrefix}request_exceptions_total`,
      help: 'HTTP requests that ended in 5xx after an error, by method and route',
      labels: ofRoute,
      keepsSeriesOnReset
    })
    this.metrics = [
      familyMetric(this.durations),
      ...(measuresSizes ? [familyMetric(this.requestSizes), familyMetric(this.responseSizes)] : []),
      registryMetric({
        name: `${namePrefix}requests_total`,
        help: 'HTTP requests that ended, by method and status',
        type: 'counter',
        labelNames: this.#totals.names,
        values: () => this.#samplesOfTotals()
      }),
      familyMetric(this.exceptions),
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

  // Derived from the histogram, so that it costs a request nothing. Several scrapes may be at it, each with sums of its own.
  * #samplesOfTotals (): Generator<Sample | undefined> {
    const { durations, durations: { table: { pages } } } = this
    const sums: number[] = []
    for (let index = 0; index < pages.length; index++) {
      const total = this.#totalOf[index] ??= this.#totalOfSeries(index)
      sums[total] = (sums[total] ?? 0) + durations.countAt(index)
      if (index % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
    for (const [total, value] of sums.entries()) yield { labels: this.#totals.labelsAt(total), value }
  }

  #totalOfSeries (index: number): number {
    const { table } = this.durations
    const labels = [table.labelValueAt(index, METHOD), table.labelValueAt(index, STATUS)]
    const total = this.#totals.findByValues(labels)
    return total === NONE ? this.#totals.add(labels) : total
  }
}

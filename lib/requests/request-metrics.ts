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

/** Positions of labels of `durations`. */
const METHOD_LABEL = 0
const STATUS_LABEL = 2

/** The number of series that are added up between two pauses: about 20 µs of work. */
const SERIES_PER_PAUSE = 256

const labelRules = (names: readonly string[]): LabelRule[] => names.map(name => ({ name, listed: [] }))

/** The request metrics of an instance. Requests write into them, and the registry reads them. */
export class RequestMetrics {
  readonly durations: HistogramFamily
  readonly requestSizes: HistogramFamily
  readonly responseSizes: HistogramFamily
  readonly exceptions: CounterFamily
  inFlight = 0
  /** The metrics to add to the registry. */
  readonly metrics: readonly NamedMetric[]
  /** The series of `requests_total`, without values. */
  readonly #totals = new SeriesTable({ labels: labelRules(['method', 'status']), width: 0 })
  /** For each index of a series of `durations`, the index of the total that it is part of. */
  readonly #totalIndexOf: number[] = []

  constructor (namePrefix: string, { buckets, labels, sizes: measuresSizes }: ResolvedRequests) {
    const keepsSeriesOnReset = true // `MeasuredRoute` keeps references to series
    const routeLabels = labelRules(['method', 'path'])
    this.durations = new HistogramFamily({
      name: `${namePrefix}request_duration_seconds`,
      help: 'Duration of HTTP requests from arrival to the end of the response, in seconds',
      labels: labelRules(['method', 'path', 'status', ...Object.keys(labels)]),
      buckets,
      keepsSeriesOnReset
    })
    const sizes = { labels: routeLabels, buckets: SIZE_BUCKETS, keepsSeriesOnReset }
    this.requestSizes = new HistogramFamily({
      name: `${namePrefix}request_size_bytes`,
      help: 'Size of the bodies of HTTP requests as received, in bytes',
      ...sizes
    })
    this.responseSizes = new HistogramFamily({
      name: `${namePrefix}response_size_bytes`,
      help: 'Size of the bodies of HTTP responses as sent, in bytes',
      ...sizes
    })
    this.exceptions = new CounterFamily({
      name: `${namePrefix}request_exceptions_total`,
      help: 'HTTP requests that ended in 5xx after an error, by method and route',
      labels: routeLabels,
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
        // `reset()` does not change it: requests in flight decrease it when they end.
        values: () => [{ labels: {}, value: this.inFlight }]
      })
    ]
  }

  // Computed from the histogram, so it costs a request nothing. Concurrent scrapes each have their own sums.
  * #samplesOfTotals (): Generator<Sample | undefined> {
    const { durations, durations: { table: { pages } } } = this
    const sums: number[] = []
    for (let index = 0; index < pages.length; index++) {
      const totalIndex = this.#totalIndexOf[index] ??= this.#findOrAddTotal(index)
      sums[totalIndex] = (sums[totalIndex] ?? 0) + durations.countAt(index)
      if (index % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    }
    for (const [totalIndex, value] of sums.entries()) yield { labels: this.#totals.labelsAt(totalIndex), value }
  }

  #findOrAddTotal (index: number): number {
    const { table } = this.durations
    const labels = [table.labelValueAt(index, METHOD_LABEL), table.labelValueAt(index, STATUS_LABEL)]
    const totalIndex = this.#totals.findByValues(labels)
    return totalIndex === NONE ? this.#totals.add(labels) : totalIndex
  }
}

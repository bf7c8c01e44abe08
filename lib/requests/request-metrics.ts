import type { ResolvedRequests } from '../options/options.js'
import { familyMetric } from '../registry/family-metric.js'
import { registryMetric } from '../registry/plugin-metric.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { progressGauge } from '../registry/progress-gauge.js'
import { SIZE_BUCKETS } from '../series/buckets.js'
import { CounterFamily } from '../series/counter-family.js'
import { HistogramFamily } from '../series/histogram-family.js'
import type { LabelRule } from '../series/series-table.js'
import { requestTotals } from './request-totals.js'

const labelRules = (names: readonly string[]): LabelRule[] => names.map(name => ({ name, listed: [] }))

/** The request metrics of an instance. Requests write into them, and the registry reads them. */
export class RequestMetrics {
  readonly durations: HistogramFamily
  readonly requestSizes: HistogramFamily
  readonly responseSizes: HistogramFamily
  readonly exceptions: CounterFamily
  /** The first number is how many requests are in flight. */
  readonly inFlight: Float64Array
  /** The metrics to add to the registry. */
  readonly metrics: readonly NamedMetric[]

  /** `maxSeries` limits the series of application labels that are inherited, as `ApplicationLabels` limits new ones. */
  constructor (namePrefix: string, { buckets, labels, sizes: measuresSizes }: ResolvedRequests, maxSeries: number) {
    const keepsSeriesOnReset = true // `MeasuredRoute` keeps references to series
    const routeLabels = labelRules(['method', 'path'])
    const resultLabels = ['method', 'path', 'status']
    this.durations = new HistogramFamily({
      name: `${namePrefix}request_duration_seconds`,
      help: 'Duration of HTTP requests from arrival to the end of the response, in seconds',
      labels: labelRules([...resultLabels, ...Object.keys(labels)]),
      inheritanceLimit: { maxSeries, unlimitedLabels: resultLabels.length },
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
    const inFlight = progressGauge(`${namePrefix}requests_in_flight`, 'HTTP requests that have not ended yet')
    this.inFlight = inFlight.count
    this.metrics = [
      familyMetric(this.durations),
      ...(measuresSizes ? [familyMetric(this.requestSizes), familyMetric(this.responseSizes)] : []),
      registryMetric(requestTotals(namePrefix, this.durations)),
      familyMetric(this.exceptions),
      inFlight.metric
    ]
  }
}

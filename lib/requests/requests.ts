import type { FastifyInstance } from 'fastify'
import type { ResolvedOptions } from '../options/options.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { ApplicationLabels } from './application-labels.js'
import { RecordedExceptions } from './exceptions.js'
import { addRequestHooks } from './hooks.js'
import type { RecordException } from './hooks.js'
import type { AnalysisObserver, OnArrival } from './observer.js'
import { RequestRecorder } from './recorder.js'
import { RequestMetrics } from './request-metrics.js'
import { RouteTable } from './route-table.js'
import { noticeUnmatched } from './unmatched-notice.js'

export interface RequestsOptions {
  readonly options: Pick<ResolvedOptions, 'namePrefix' | 'requests' | 'maxSeries'>
  readonly metricErrors: MetricErrors
  readonly analyses: AnalysisObserver
}

/** Listeners that get requests in addition to the request metrics. */
export interface RequestListeners {
  /** `null` if no listener needs arriving requests. */
  readonly onArrival: OnArrival | null
  /** Recognises requests for the endpoint that match no route; `null` if there is no endpoint. */
  readonly endpoint: {
    isEndpoint (url: string): boolean
    countScrapeResponse (status: number): void
  } | null
}

/** Measures the requests of an instance. */
export class Requests {
  /** The metrics to add to the registry; none if request metrics are switched off. */
  readonly metrics: readonly NamedMetric[]
  readonly #options: RequestsOptions['options']
  readonly #metricErrors: MetricErrors
  readonly #analyses: AnalysisObserver
  readonly #metrics: RequestMetrics

  constructor ({ options, metricErrors, analyses }: RequestsOptions) {
    this.#options = options
    this.#metricErrors = metricErrors
    this.#analyses = analyses
    this.#metrics = new RequestMetrics(options.namePrefix, options.requests, options.maxSeries)
    this.metrics = options.requests.enabled ? this.#metrics.metrics : []
  }

  /** Whether requests are in progress that are counted when they end. */
  get areInProgress (): boolean {
    return this.#metrics.inFlight[0]! > 0 // it has one number
  }

  /** Adds the hooks, and returns the function that records an exception that they do not see. */
  addHooks (fastify: FastifyInstance, { onArrival, endpoint }: RequestListeners): RecordException {
    const { requests: options, maxSeries } = this.#options
    const { durations, exceptions: { name } } = this.#metrics
    const metricErrors = this.#metricErrors
    const labels = new ApplicationLabels({ labels: options.labels, maxSeries, metric: durations.name, metricErrors })
    const routes = new RouteTable({
      options,
      rules: { labels: labels.names, analyses: this.#analyses },
      isEndpoint: endpoint && endpoint.isEndpoint,
      onMetricError: (err, consequence) => { metricErrors.countError(durations.name, err, consequence) }
    })
    const recorder = new RequestRecorder({ metrics: this.#metrics, options, labels, analyses: this.#analyses })
    const exceptions = new RecordedExceptions(name, err => { metricErrors.countError(name, err) })
    if (options.enabled) this.#setUpReporting(fastify, labels)
    const onEndpointResponse = endpoint && endpoint.countScrapeResponse
    const recordException = addRequestHooks(fastify, { routes, recorder, exceptions, onArrival, onEndpointResponse })
    return options.enabled ? recordException : () => {}
  }

  #setUpReporting (fastify: FastifyInstance, { names }: ApplicationLabels): void {
    this.#metricErrors.addSeries(this.#metrics.durations.name, { canOverflow: names.length > 0 })
    this.#metricErrors.addSeries(this.#metrics.exceptions.name, { canOverflow: false })
    noticeUnmatched(fastify, this.#options.requests.ignore)
  }
}

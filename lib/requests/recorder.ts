import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ResolvedRequests } from '../options/options.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import type { SeriesRef } from '../series/series-family.js'
import type { ApplicationLabels } from './application-labels.js'
import { LabelledSeries } from './labelled-series.js'
import { methodLabel, statusLabel } from './labels.js'
import type { MeasuredRoute, MethodSeries, SizeSeries } from './measured-route.js'
import type { AnalysisObserver } from './observer.js'
import { runInContext } from './request-context.js'
import type { RequestMetrics } from './request-metrics.js'
import { declaredSizes } from './sizes.js'
import type { BodySizes } from './sizes.js'

export interface RecorderOptions {
  readonly metrics: RequestMetrics
  readonly options: ResolvedRequests
  readonly labels: ApplicationLabels
  readonly analyses: AnalysisObserver
}

/** Writes ended requests into the request metrics. Resolves each route, method and status to its series once. */
export class RequestRecorder {
  /** Whether the hooks must count the bytes of bodies. */
  readonly measuresSizes: boolean
  /** Whether application labels are evaluated, each in the async context of its request. */
  readonly callsApplication: boolean
  readonly #metrics: RequestMetrics
  readonly #durations: HistogramFamily
  readonly #inFlight: Float64Array
  readonly #options: ResolvedRequests
  readonly #labels: ApplicationLabels
  readonly #labelledSeries: LabelledSeries
  readonly #analyses: AnalysisObserver

  constructor ({ metrics, options, labels, analyses }: RecorderOptions) {
    const { durations } = metrics
    this.measuresSizes = options.sizes
    this.callsApplication = labels.names.length > 0
    this.#metrics = metrics
    this.#durations = durations
    this.#inFlight = metrics.inFlight
    this.#options = options
    this.#labels = labels
    this.#labelledSeries = new LabelledSeries({ durations, labels, groupStatus: options.groupStatus })
    this.#analyses = analyses
  }

  /** Counts a request that has arrived as in flight. */
  addInFlight (route: MeasuredRoute): void {
    if (route.isCounted) this.#inFlight[0]! += 1 // it has one number, as below
  }

  /** Ends the count of a request as in flight, with any outcome. */
  removeInFlight (route: MeasuredRoute): void {
    if (route.isCounted) this.#inFlight[0]! -= 1
  }

  /** Counts an analysis as active. */
  beginAnalysis (): void {
    this.#analyses.begin()
  }

  /** Ends an analysis that was counted by `beginAnalysis`, with any outcome. */
  endAnalysis (): void {
    this.#analyses.end()
  }

  /**
   * Counts a request that has ended. `reply` is `null` if no hook of this plugin has received it. `hasFailed` is
   * whether the request had an exception. `sizes` is `undefined` if the bodies were not counted.
   */
  record (
    route: MeasuredRoute, request: FastifyRequest, reply: FastifyReply | null, status: number, hasFailed: boolean,
    sizes: BodySizes | undefined
  ): void {
    if (route.isPlain && reply !== null && !hasFailed) this.observe(route, request.method, status, reply.elapsedTime)
    else this.#recordAll(route, request, reply, status, hasFailed, sizes)
  }

  /** Counts an ordinary request of a plain route that has ended after `milliseconds`. */
  observe (route: MeasuredRoute, method: string, status: number, milliseconds: number): void {
    // Small enough that V8 inlines it with the functions it calls. Otherwise V8 allocates 16 B for every number passed.
    const series = route.latest !== undefined && route.latestStatus === status && route.latestMethod === method
      ? route.latest
      : this.#resolveSeries(route, method, status)
    this.#durations.observe(series, milliseconds / 1000)
  }

  #resolveSeries (route: MeasuredRoute, method: string, status: number): SeriesRef {
    route.latest = this.#seriesOf(this.#methodSeriesOf(route, method), status)
    route.latestMethod = method
    route.latestStatus = status
    return route.latest
  }

  #recordAll (
    route: MeasuredRoute, request: FastifyRequest, reply: FastifyReply | null, status: number, hasFailed: boolean,
    sizes: BodySizes | undefined
  ): void {
    runInContext(request, this.#write, this, route, request, reply, status, hasFailed, sizes)
  }

  #write (
    route: MeasuredRoute, request: FastifyRequest, reply: FastifyReply | null, status: number, hasFailed: boolean,
    sizes: BodySizes | undefined
  ): void {
    // No reply if the client disconnected during an earlier hook: then the duration is unknown.
    const seconds = reply === null ? 0 : Math.max(reply.elapsedTime, 0) / 1000
    if (route.analysis !== undefined) {
      this.#analyses.record(route.analysis, status >= 400 ? 'error' : 'success', seconds)
    }
    if (!route.isCounted) return
    const methodSeries = this.#methodSeriesOf(route, request.method)
    if (this.#labels.names.length === 0) this.#durations.observe(this.#seriesOf(methodSeries, status), seconds)
    else {
      const values = this.#labels.valuesOf(request, reply, route.labels)
      this.#durations.observeAt(this.#labelledSeries.indexOf(methodSeries, this.#codeOf(status), values), seconds)
    }
    if (hasFailed && status >= 500) this.#metrics.exceptions.increase(methodSeries.exceptions, 1)
    if (this.measuresSizes && !route.endsAtHead) {
      const { received, sent } = sizes ?? declaredSizes(request, reply)
      methodSeries.sizes ??= this.#addSizes(methodSeries)
      this.#metrics.requestSizes.observe(methodSeries.sizes.request, received)
      this.#metrics.responseSizes.observe(methodSeries.sizes.response, sent)
    }
  }

  #addSizes ({ method, path }: MethodSeries): SizeSeries {
    const { requestSizes, responseSizes } = this.#metrics
    const add = (sizes: HistogramFamily): SeriesRef => sizes.refTo(sizes.addSeries([method, path]))
    return { request: add(requestSizes), response: add(responseSizes) }
  }

  #methodSeriesOf ({ path, byMethod }: MeasuredRoute, method: string): MethodSeries {
    const label = methodLabel(method)
    let series = byMethod.get(label)
    if (series === undefined) {
      series = {
        method: label,
        path,
        exceptions: this.#metrics.exceptions.addSeries([label, path]),
        sizes: undefined,
        byStatus: new Map(),
        labelledByStatus: new Map()
      }
      byMethod.set(label, series)
    }
    return series
  }

  #seriesOf ({ method, path, byStatus }: MethodSeries, status: number): SeriesRef {
    const code = this.#codeOf(status)
    let series = byStatus.get(code)
    if (series === undefined) {
      const values = [method, path, statusLabel(code, this.#options.groupStatus)]
      series = this.#durations.refTo(this.#durations.addSeries(values))
      byStatus.set(code, series)
    }
    return series
  }

  /** The code that series are found by: with `groupStatus`, the first of its class. */
  #codeOf (status: number): number {
    return this.#options.groupStatus ? Math.floor(status / 100) * 100 : status
  }
}

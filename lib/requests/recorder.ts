import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ResolvedRequests } from '../options/options.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { NONE } from '../series/label-values.js'
import type { SeriesRef } from '../series/series-family.js'
import type { ApplicationLabels } from './application-labels.js'
import { methodLabel, statusLabel } from './labels.js'
import type { MeasuredRoute, MethodSeries, ApplicationLabelSeries, SizeSeries } from './measured-route.js'
import type { AnalysisObserver } from './observer.js'
import { runInContext } from './request-context.js'
import type { RequestMetrics } from './request-metrics.js'
import { declaredSizes } from './sizes.js'
import type { BodySizes } from './sizes.js'

/** What ended requests are written into, and by which rules. */
export interface RecorderOptions {
  readonly metrics: RequestMetrics
  readonly options: ResolvedRequests
  readonly labels: ApplicationLabels
  readonly analyses: AnalysisObserver
}

/** Resolves the method and status of a route to series, each once, and writes ended requests into them. */
export class RequestRecorder {
  /** Whether the bodies of requests are to be counted. */
  readonly measuresSizes: boolean
  /** Whether functions of the application are called with ended requests, each in the async context of its request. */
  readonly callsApplication: boolean
  readonly #metrics: RequestMetrics
  readonly #durations: HistogramFamily
  readonly #options: ResolvedRequests
  readonly #labels: ApplicationLabels
  readonly #analyses: AnalysisObserver

  constructor ({ metrics, options, labels, analyses }: RecorderOptions) {
    this.measuresSizes = options.sizes
    this.callsApplication = labels.names.length > 0
    this.#metrics = metrics
    this.#durations = metrics.durations
    this.#options = options
    this.#labels = labels
    this.#analyses = analyses
  }

  /** A request has come and is in flight. */
  arrive (route: MeasuredRoute): void {
    if (route.counted) this.#metrics.inFlight++
  }

  /** A request that was in flight has ended, whatever became of it. */
  leave (route: MeasuredRoute): void {
    if (route.counted) this.#metrics.inFlight--
  }

  /** A request that is an analysis has come. */
  beginAnalysis (): void {
    this.#analyses.begin()
  }

  /** A request whose analysis has begun has ended, whatever became of it. */
  endAnalysis (): void {
    this.#analyses.end()
  }

  /**
   * Counts a request that has ended. `reply` is null where none was seen, `failed` says whether an error reached
   * `onError`, `sizes` is undefined where they were not counted.
   */
  record (route: MeasuredRoute, request: FastifyRequest, reply: FastifyReply | null, status: number, failed: boolean, sizes: BodySizes | undefined): void {
    if (route.plain && reply !== null && !failed) this.observe(route, request.method, status, reply.elapsedTime)
    else this.#recordAll(route, request, reply, status, failed, sizes)
  }

  /** Counts an ordinary request of a plain route that has ended, of which `milliseconds` have passed. */
  observe (route: MeasuredRoute, method: string, status: number, milliseconds: number): void {
    // Small enough to be inlined with what it calls: otherwise V8 allocates 16 B for every number that it hands on.
    const series = route.latest !== undefined && route.latestStatus === status && route.latestMethod === method
      ? route.latest
      : this.#resolveSeries(route, method, status)
    this.#durations.observe(series, milliseconds / 1000)
  }

  #resolveSeries (route: MeasuredRoute, method: string, status: number): SeriesRef {
    route.latest = this.#seriesOf(this.#methodOf(route, method), status)
    route.latestMethod = method
    route.latestStatus = status
    return route.latest
  }

  #recordAll (route: MeasuredRoute, request: FastifyRequest, reply: FastifyReply | null, status: number, failed: boolean, sizes: BodySizes | undefined): void {
    runInContext(request, this.#write, this, route, request, reply, status, failed, sizes)
  }

  #write (route: MeasuredRoute, request: FastifyRequest, reply: FastifyReply | null, status: number, failed: boolean, sizes: BodySizes | undefined): void {
    // A client that leaves during an earlier hook has shown no reply: nothing tells how long it stayed.
    const seconds = reply === null ? 0 : Math.max(reply.elapsedTime, 0) / 1000
    if (route.analysis !== undefined) this.#analyses.record(route.analysis, status >= 400 ? 'error' : 'success', seconds)
    if (!route.counted) return
    const series = this.#methodOf(route, request.method)
    if (this.#labels.names.length === 0) this.#durations.observe(this.#seriesOf(series, status), seconds)
    else this.#durations.observeAt(this.#labelledIndexOf(series, this.#labels.valuesOf(request, reply, route.labels), status), seconds)
    if (failed && status >= 500) this.#metrics.exceptions.increase(series.exceptions, 1)
    if (this.measuresSizes && !route.untilHead) {
      const { received, sent } = sizes ?? declaredSizes(request, reply)
      series.sizes ??= this.#addSizes(series)
      this.#metrics.requestSizes.observe(series.sizes.request, received)
      this.#metrics.responseSizes.observe(series.sizes.response, sent)
    }
  }

  #addSizes ({ method, path }: MethodSeries): SizeSeries {
    const { requestSizes, responseSizes } = this.#metrics
    const add = (sizes: HistogramFamily): SeriesRef => sizes.refTo(sizes.addSeries([method, path]))
    return { request: add(requestSizes), response: add(responseSizes) }
  }

  #methodOf ({ path, byMethod }: MeasuredRoute, method: string): MethodSeries {
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

  #seriesOf ({ method, path, byStatus }: MethodSeries, answer: number): SeriesRef {
    const code = this.#codeOf(answer)
    let series = byStatus.get(code)
    if (series === undefined) {
      series = this.#durations.refTo(this.#durations.addSeries([method, path, statusLabel(code, this.#options.groupStatus)]))
      byStatus.set(code, series)
    }
    return series
  }

  /** The place of a request with labels of the application's own; `values` is null where one of them is too long. */
  #labelledIndexOf (series: MethodSeries, values: readonly string[] | null, answer: number): number {
    const code = this.#codeOf(answer)
    const own = series.labelledByStatus.get(code) ?? this.#addStatus(series, code)
    const known = values === null ? NONE : this.#indexOf(own, values)
    return known === NONE ? this.#admit(own, values) : known
  }

  #indexOf ({ texts }: ApplicationLabelSeries, values: readonly string[]): number {
    const fixed = texts.length - values.length
    for (let i = 0; i < values.length; i++) texts[fixed + i] = values[i]! // as many
    return this.#durations.table.findByValues(texts)
  }

  #admit (own: ApplicationLabelSeries, values: readonly string[] | null): number {
    // The first of each method, path and status is there whatever the others take: those are bounded by the routes.
    if (values !== null && (!own.hasFirst || this.#labels.reserveSeries())) {
      own.hasFirst = true
      return this.#durations.addSeries(own.texts)
    }
    this.#labels.overflow(values === null ? 'length' : 'series')
    const known = this.#indexOf(own, this.#labels.overflowValues)
    return known === NONE ? this.#durations.addSeries(own.texts) : known
  }

  #addStatus ({ method, path, labelledByStatus }: MethodSeries, code: number): ApplicationLabelSeries {
    const status = statusLabel(code, this.#options.groupStatus)
    const own = { texts: [method, path, status, ...this.#labels.overflowValues], hasFirst: false }
    labelledByStatus.set(code, own)
    return own
  }

  #codeOf (answer: number): number {
    return this.#options.groupStatus ? Math.floor(answer / 100) * 100 : answer
  }
}

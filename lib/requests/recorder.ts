import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ResolvedRequests } from '../options/options.js'
import type { ApplicationLabels } from './application-labels.js'
import type { DurationHistogram } from './duration-histogram.js'
import { methodLabel, statusLabel } from './labels.js'
import type { DurationSeries, MeasuredRoute, MethodSeries, SizeSeries } from './measured-route.js'
import type { AnalysisObserver } from './observer.js'
import { OwnLabelSeries } from './own-label-series.js'
import { runInContext } from './request-context.js'
import type { DurationLabels, RequestMetrics, RouteLabels } from './request-metrics.js'
import { declaredSizes } from './sizes.js'
import type { BodySizes } from './sizes.js'

/** What ended requests are written into, and by which rules. */
export interface RecorderParts {
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
  readonly #durations: DurationHistogram<DurationLabels>
  readonly #options: ResolvedRequests
  readonly #labels: ApplicationLabels
  readonly #analyses: AnalysisObserver

  constructor ({ metrics, options, labels, analyses }: RecorderParts) {
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

  #resolveSeries (route: MeasuredRoute, method: string, status: number): DurationSeries {
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
    if (route.analysis !== undefined) this.#analyses.record(route.analysis, status >= 400, seconds)
    if (!route.counted) return
    const series = this.#methodOf(route, request.method)
    const duration = this.#labels.names.length === 0
      ? this.#seriesOf(series, status)
      : this.#ownSeriesOf(series, this.#labels.valuesOf(request, reply, route.labels), status)
    this.#durations.observe(duration, seconds)
    if (failed && status >= 500) series.exceptions.count++
    if (this.measuresSizes && !route.untilHead) {
      const { received, sent } = sizes ?? declaredSizes(request, reply)
      series.sizes ??= this.#addSizes(series.labels)
      this.#metrics.requestSizes.observe(series.sizes.request, received)
      this.#metrics.responseSizes.observe(series.sizes.response, sent)
    }
  }

  #addSizes (labels: RouteLabels): SizeSeries {
    return { request: this.#metrics.requestSizes.add(labels), response: this.#metrics.responseSizes.add(labels) }
  }

  #methodOf ({ path, byMethod }: MeasuredRoute, method: string): MethodSeries {
    const label = methodLabel(method)
    let series = byMethod.get(label)
    if (series === undefined) {
      const labels = { method: label, path }
      series = {
        labels,
        exceptions: this.#metrics.addExceptions(labels),
        sizes: undefined,
        byStatus: new Map(),
        ownByStatus: new Map()
      }
      byMethod.set(label, series)
    }
    return series
  }

  #seriesOf ({ labels, byStatus }: MethodSeries, answer: number): DurationSeries {
    const code = this.#codeOf(answer)
    let series = byStatus.get(code)
    if (series === undefined) {
      const { method, path } = labels
      series = this.#durations.add({ method, path, status: statusLabel(code, this.#options.groupStatus) })
      byStatus.set(code, series)
    }
    return series
  }

  /** The series of a request with labels of the application's own; `values` is null where one of them is too long. */
  #ownSeriesOf (series: MethodSeries, values: readonly string[] | null, answer: number): DurationSeries {
    const code = this.#codeOf(answer)
    const own = series.ownByStatus.get(code) ?? this.#addStatus(series, code)
    return (values === null ? undefined : own.find(values)) ?? this.#admit(own, values)
  }

  #admit (own: OwnLabelSeries<DurationSeries>, values: readonly string[] | null): DurationSeries {
    // The first of each method, path and status is there whatever the others take: those are bounded by the routes.
    if (values !== null && (!own.hasFirst || this.#labels.takePlace())) {
      own.hasFirst = true
      return own.add(values)
    }
    this.#labels.overflow(values === null ? 'length' : 'series')
    const { overflowValues } = this.#labels
    return own.find(overflowValues) ?? own.add(overflowValues)
  }

  // Apart, since a function with a closure in it allocates at every call for what the closure may need.
  #addStatus ({ labels, ownByStatus }: MethodSeries, code: number): OwnLabelSeries<DurationSeries> {
    const { method, path } = labels
    const status = statusLabel(code, this.#options.groupStatus)
    const own = new OwnLabelSeries(values => this.#addOwnSeries({ method, path, status }, values))
    ownByStatus.set(code, own)
    return own
  }

  #addOwnSeries ({ method, path, status }: DurationLabels, values: readonly string[]): DurationSeries {
    const own = Object.fromEntries(this.#labels.names.map((name, i) => [name, values[i]!])) // as many as names
    // Written out, since an object that is spread and added to takes half as much memory again.
    return this.#durations.add({ method, path, status, ...own })
  }

  #codeOf (answer: number): number {
    return this.#options.groupStatus ? Math.floor(answer / 100) * 100 : answer
  }
}

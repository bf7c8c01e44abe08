import type { FastifyRequest } from 'fastify'
import type { RecordAnalysis } from '../business/tracking.js'
import type { Mistakes } from '../mistakes.js'
import type { AnalysisLabels, RouteMetricsConfig } from '../types.js'
import type { DurationSeries } from './duration-histogram.js'
import { methodLabel, pathLabel } from './labels.js'
import type { ExceptionSeries, RequestMetrics } from './request-metrics.js'
import { readRouteConfig } from './route-config.js'

interface MethodSeries {
  readonly label: string
  readonly exceptions: ExceptionSeries
  readonly byStatus: Map<number, DurationSeries>
}

/** What is known of a route once its first request has come. */
export interface MeasuredRoute {
  readonly path: string
  /** Whether its requests are counted. */
  readonly counted: boolean
  /** Set when each of its requests is an analysis. */
  readonly analysis: AnalysisLabels | undefined
  /** Shared by all routes of this path. */
  readonly byMethod: Map<string, MethodSeries>
}

/** Resolves route, method and status to series, each once, and writes ended requests into them. */
export class RequestRecorder {
  readonly #metrics: RequestMetrics
  readonly #counts: boolean
  readonly #recordAnalysis: RecordAnalysis
  readonly #mistakes: Mistakes
  // By the route's config: Fastify keeps one object per route, and nothing else that identifies a route costs less.
  readonly #routes = new WeakMap<object, MeasuredRoute>()
  readonly #byPath = new Map<string, MeasuredRoute['byMethod']>()

  /** With `counts` false only analyses are recorded. */
  constructor (metrics: RequestMetrics, counts: boolean, recordAnalysis: RecordAnalysis, mistakes: Mistakes) {
    this.#metrics = metrics
    this.#counts = counts
    this.#recordAnalysis = recordAnalysis
    this.#mistakes = mistakes
  }

  /** The route of a request. */
  routeOf (request: FastifyRequest): MeasuredRoute {
    const { config, url } = request.routeOptions
    return this.#routes.get(config) ?? this.#resolveRoute(config, url)
  }

  /** A request has come and is in flight. */
  arrive (route: MeasuredRoute): void {
    if (route.counted) this.#metrics.inFlight++
  }

  /** A request that was in flight has ended, whatever became of it. */
  leave (route: MeasuredRoute): void {
    if (route.counted) this.#metrics.inFlight--
  }

  /** Counts a request that has ended; `failed`, when an error reached `onError`. */
  record (route: MeasuredRoute, method: string, status: number, milliseconds: number, failed: boolean): void {
    const seconds = milliseconds / 1000
    if (route.analysis !== undefined) this.#recordAnalysis(route.analysis, status >= 400, seconds)
    if (!route.counted) return
    const series = route.byMethod.get(method) ?? this.#addMethod(route, method)
    this.#metrics.durations.observe(series.byStatus.get(status) ?? this.#addStatus(route, series, status), seconds)
    if (failed && status >= 500) series.exceptions.count++
  }

  #resolveRoute (config: object, url: string | undefined): MeasuredRoute {
    const path = pathLabel(url)
    const settings = this.#settingsOf(path, config)
    const byMethod = this.#byPath.get(path) ?? new Map()
    const route = { path, byMethod, counted: this.#counts && settings !== false, analysis: settings ? settings.analysis : undefined }
    this.#byPath.set(path, byMethod)
    this.#routes.set(config, route)
    return route
  }

  // A route that was declared before this plugin has not been checked; its mistake must not break its requests.
  #settingsOf (path: string, config: { readonly metrics?: unknown }): false | RouteMetricsConfig {
    try {
      return readRouteConfig(path, config.metrics)
    } catch (err) {
      this.#mistakes.error(this.#metrics.durations.metric.name, err)
      return {}
    }
  }

  #addMethod ({ path, byMethod }: MeasuredRoute, method: string): MethodSeries {
    const label = methodLabel(method)
    // Every method that is not a standard one has the same label, and so the same series.
    let series = byMethod.get(label)
    if (series === undefined) {
      series = { label, exceptions: this.#metrics.addExceptions({ method: label, path }), byStatus: new Map() }
      byMethod.set(label, series)
    }
    return series
  }

  #addStatus ({ path }: MeasuredRoute, { label, byStatus }: MethodSeries, status: number): DurationSeries {
    const series = this.#metrics.durations.add({ method: label, path, status: String(status) })
    byStatus.set(status, series)
    return series
  }
}

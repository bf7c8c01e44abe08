import type { FastifyRequest } from 'fastify'
import type { ResolvedRequests } from '../options/options.js'
import type { RouteMetricsConfig, SkipRequest } from '../types/index.js'
import { NO_LABELS } from './application-labels.js'
import { isIgnored } from './ignore.js'
import { methodLabel, pathLabel } from './labels.js'
import { MeasuredRoute } from './measured-route.js'
import { readRouteConfig } from './route-config.js'
import type { RouteRules } from './route-config.js'
import { isSkipped } from './skip.js'

/** What is the endpoint's by its URL, and matches no route, as with a method that Fastify does not know. */
export const ENDPOINT = MeasuredRoute.uncounted()

/** Hears of what failed, and of what was done in its place. */
export type OnMetricError = (err: unknown, consequence: string) => void

/** What the routes of an instance are measured by. */
export interface RouteTableOptions {
  /** With `enabled` false no route is counted. */
  readonly options: ResolvedRequests
  readonly rules: RouteRules
  /** Whether a URL is the endpoint's, which is not counted; `null` where none is. */
  readonly isEndpoint: ((url: string) => boolean) | null
  /** Hears why a route's configuration, `ignore` or `skip` is not followed. */
  readonly onMetricError: OnMetricError
}

/** Finds the route of every request, and what the options and the route's own configuration make of it. */
export class RouteTable {
  readonly #options: ResolvedRequests
  readonly #rules: RouteRules
  readonly #isEndpoint: ((url: string) => boolean) | null
  readonly #onMetricError: OnMetricError
  // By the route's config: Fastify keeps one object per route, and nothing else that identifies a route costs less.
  readonly #routes = new WeakMap<object, MeasuredRoute>()
  /** In its place where a function decides for each method of a route. */
  readonly #routesByMethod: WeakMap<object, Map<string, MeasuredRoute>> | null
  /** Whether a route is not known by its config alone. */
  readonly #decidesPerRequest: boolean
  readonly #byPath = new Map<string, MeasuredRoute['byMethod']>()

  constructor ({ options, rules, isEndpoint, onMetricError }: RouteTableOptions) {
    this.#options = options
    this.#rules = rules
    this.#isEndpoint = isEndpoint
    this.#onMetricError = onMetricError
    this.#routesByMethod = typeof options.ignore === 'function' ? new WeakMap() : null
    this.#decidesPerRequest = this.#routesByMethod !== null || options.skip !== null
  }

  /** The route of a request. Where `requests.skip` is given, it is asked at every call: call this once for a request. */
  of (request: FastifyRequest): MeasuredRoute {
    const known = this.#decidesPerRequest ? undefined : this.#routes.get(request.routeOptions.config)
    return known !== undefined && known.matched ? known : this.#find(request)
  }

  // Apart, since it is seldom needed, and V8 inlines what is small.
  #find (request: FastifyRequest): MeasuredRoute {
    const { config, url } = request.routeOptions
    const known = this.#routesByMethod === null
      ? this.#routes.get(config) ?? this.#add(config, url, request.method)
      : this.#ofMethod(this.#routesByMethod, request)
    const route = known.matched || this.#isEndpoint?.(request.url) !== true ? known : ENDPOINT
    return this.#options.skip === null ? route : this.#unlessSkipped(route, request, this.#options.skip)
  }

  /**
   * Checks what a route is declared with.
   * @throws DYNOAI_METRICS_ERR_ROUTE_CONFIG
   */
  check (url: string, config: unknown): false | RouteMetricsConfig {
    return readRouteConfig(url, config, this.#rules)
  }

  #unlessSkipped (route: MeasuredRoute, request: FastifyRequest, skip: SkipRequest): MeasuredRoute {
    return route.counted && isSkipped(skip, request, this.#onSkipFailure) ? route.skipped : route
  }

  readonly #onSkipFailure = (err: unknown): void => {
    this.#onMetricError(err, "the option 'requests.skip' failed, and the request is counted")
  }

  #add (config: object, url: string | undefined, method: string): MeasuredRoute {
    const route = this.#resolve(config, url, method)
    this.#routes.set(config, route)
    return route
  }

  #ofMethod (routes: WeakMap<object, Map<string, MeasuredRoute>>, { routeOptions: { config, url }, method: given }: FastifyRequest): MeasuredRoute {
    // A request that matches no route may have any method that its client makes up.
    const method = url === undefined ? methodLabel(given) : given
    let byMethod = routes.get(config)
    if (byMethod === undefined) {
      byMethod = new Map()
      routes.set(config, byMethod)
    }
    let route = byMethod.get(method)
    if (route === undefined) {
      route = this.#resolve(config, url, method)
      byMethod.set(method, route)
    }
    return route
  }

  #resolve (config: object, url: string | undefined, method: string): MeasuredRoute {
    const template = pathLabel(url)
    const settings = this.#settingsOf(template, config, method)
    // Here, and not in the template: `requests.ignore` compares that with what the application wrote.
    const path = (settings.path ?? template).toWellFormed()
    const byMethod = this.#byPath.get(path) ?? new Map()
    const untilHead = settings.counted && settings.until === 'headers'
    const plain = settings.counted && settings.analysis === undefined && !untilHead && this.#rules.labels.length === 0 && !this.#options.sizes
    const route = new MeasuredRoute({
      path,
      counted: settings.counted,
      plain,
      matched: url !== undefined,
      untilHead,
      analysis: settings.analysis,
      labels: settings.labels ?? NO_LABELS,
      byMethod
    })
    this.#byPath.set(path, byMethod)
    return route
  }

  #settingsOf (template: string, config: { readonly metrics?: unknown }, method: string): RouteMetricsConfig & { readonly counted: boolean } {
    const settings = this.#configOf(template, config.metrics)
    if (settings === false) return { counted: false }
    return { ...settings, counted: this.#options.enabled && !this.#isIgnored(template, method) }
  }

  // A route that was declared before this plugin has not been checked, and a function of the application's may throw:
  // neither must break a request.
  #configOf (template: string, config: unknown): false | RouteMetricsConfig {
    try {
      return this.check(template, config)
    } catch (err) {
      this.#onMetricError(err, `'config.metrics' of the route '${template}' is wrong, and its requests are counted without it`)
      return {}
    }
  }

  #isIgnored (template: string, method: string): boolean {
    try {
      return isIgnored(this.#options.ignore, template, method)
    } catch (err) {
      this.#onMetricError(err, `the option 'requests.ignore' failed for '${method} ${template}', and its requests are counted`)
      return false
    }
  }
}

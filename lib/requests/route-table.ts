import type { FastifyRequest } from 'fastify'
import type { RouteMetricsConfig, SkipRequest } from '../types/index.js'
import { methodLabel } from './labels.js'
import { MeasuredRoute } from './measured-route.js'
import { RouteResolver } from './route-resolver.js'
import type { OnMetricError, RouteResolverOptions } from './route-resolver.js'
import { isSkipped } from './skip.js'

/** The route of requests for the endpoint that match no route, for example if Fastify does not know their method. */
export const ENDPOINT = MeasuredRoute.uncounted()

export interface RouteTableOptions extends RouteResolverOptions {
  /** Whether a URL is the endpoint's, whose requests are not counted; `null` if there is no endpoint. */
  readonly isEndpoint: ((url: string) => boolean) | null
}

/** Finds the `MeasuredRoute` of every request. Each route is resolved once. */
export class RouteTable {
  readonly #resolver: RouteResolver
  readonly #isEndpoint: ((url: string) => boolean) | null
  readonly #skip: SkipRequest | null
  readonly #onMetricError: OnMetricError
  // By the route's config: Fastify keeps one object per route, and every other key for a route costs more.
  readonly #routes = new WeakMap<object, MeasuredRoute>()
  /** Used instead of `#routes` if a function for `ignore` decides for each method of a route. */
  readonly #routesByMethod: WeakMap<object, Map<string, MeasuredRoute>> | null
  /** Whether the config alone is not enough to find a route. */
  readonly #decidesPerRequest: boolean

  constructor (options: RouteTableOptions) {
    const { ignore, skip } = options.options
    this.#resolver = new RouteResolver(options)
    this.#isEndpoint = options.isEndpoint
    this.#skip = skip
    this.#onMetricError = options.onMetricError
    this.#routesByMethod = typeof ignore === 'function' ? new WeakMap() : null
    this.#decidesPerRequest = this.#routesByMethod !== null || skip !== null
  }

  /** The route of a request. Call it once for a request, because each call calls `requests.skip`. */
  of (request: FastifyRequest): MeasuredRoute {
    const route = this.#decidesPerRequest ? undefined : this.#routes.get(request.routeOptions.config)
    return route !== undefined && route.isMatched ? route : this.#find(request)
  }

  // A separate function, because it is rarely called, and V8 inlines only small functions.
  #find (request: FastifyRequest): MeasuredRoute {
    const { config, url } = request.routeOptions
    const found = this.#routesByMethod === null
      ? this.#routes.get(config) ?? this.#add(config, url, request.method)
      : this.#ofMethod(this.#routesByMethod, request)
    const route = found.isMatched || this.#isEndpoint?.(request.url) !== true ? found : ENDPOINT
    return this.#skip === null ? route : this.#unlessSkipped(route, request, this.#skip)
  }

  /**
   * Checks `config.metrics` of a route.
   * @throws DYNOAI_METRICS_ERR_ROUTE_CONFIG
   */
  check (url: string, config: unknown): false | RouteMetricsConfig {
    return this.#resolver.check(url, config)
  }

  #unlessSkipped (route: MeasuredRoute, request: FastifyRequest, skip: SkipRequest): MeasuredRoute {
    return route.isCounted && isSkipped(skip, request, this.#onSkipFailure) ? route.skipped : route
  }

  readonly #onSkipFailure = (err: unknown): void => {
    this.#onMetricError(err, "the option 'requests.skip' failed, and the request is counted")
  }

  #add (config: object, url: string | undefined, method: string): MeasuredRoute {
    const route = this.#resolver.resolve(config, url, method)
    this.#routes.set(config, route)
    return route
  }

  #ofMethod (routes: WeakMap<object, Map<string, MeasuredRoute>>, request: FastifyRequest): MeasuredRoute {
    const { config, url } = request.routeOptions
    // For a request that matches no route, clients can choose any method: `methodLabel` bounds the number of entries.
    const method = url === undefined ? methodLabel(request.method) : request.method
    let byMethod = routes.get(config)
    if (byMethod === undefined) {
      byMethod = new Map()
      routes.set(config, byMethod)
    }
    let route = byMethod.get(method)
    if (route === undefined) {
      route = this.#resolver.resolve(config, url, method)
      byMethod.set(method, route)
    }
    return route
  }
}

import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Exposition } from '../exposition/exposition.js'
import type { ResolvedEndpoint, ResolvedOptions } from '../options/options.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { SafeLog } from '../registry/safe-log.js'
import { joinPaths } from '../util/join-paths.js'
import { Listener } from './listener.js'
import { responseHooks } from './response-hooks.js'
import { addEndpoint, checkPath } from './route.js'
import type { EndpointRoute } from './route.js'
import { ScrapeHandler } from './scrape-handler.js'
import { ScrapeMetrics } from './scrape-metrics.js'
import { urlMatcher } from './url-matcher.js'

/** The settings of an endpoint. */
export interface EndpointSettings {
  readonly fastify: FastifyInstance
  readonly exposition: Exposition
  readonly options: ResolvedOptions
  readonly endpoint: ResolvedEndpoint
}

/** The endpoint of an instance, on the instance's server or, with the option `listen`, on a separate listener. */
export class Endpoint {
  /** To be added to the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #fastify: FastifyInstance
  readonly #route: EndpointRoute
  readonly #handler: ScrapeHandler
  readonly #scrapeMetrics: ScrapeMetrics
  readonly #listener: Listener | null
  readonly #matchesPath: (url: string) => boolean

  constructor ({ fastify, exposition, options, endpoint }: EndpointSettings) {
    const metrics = new ScrapeMetrics(options.namePrefix)
    this.metrics = metrics.metrics
    this.#scrapeMetrics = metrics
    this.#fastify = fastify
    this.#handler = new ScrapeHandler({ exposition, metrics, options: endpoint, log: new SafeLog(fastify.log) })
    this.#listener = endpoint.listen && new Listener(endpoint.listen)
    this.#route = {
      url: this.#listener === null ? options.url : joinPaths(fastify.prefix, options.url),
      logLevel: options.logLevel,
      logSerializers: options.logSerializers,
      routeOptions: endpoint.routeOptions
    }
    this.#matchesPath = this.#createPathMatcher()
    if (this.#listener === null) checkPath(fastify, this.#route)
  }

  /** Whether a request of the instance that matches no route has the URL of the endpoint. */
  readonly isEndpoint = (url: string): boolean => this.#listener === null && this.#matchesPath(url)

  /** Counts a response of the endpoint. */
  readonly countScrapeResponse = (status: number): void => { this.#scrapeMetrics.countScrapeResponse(status) }

  /** The address of the separate listener, while it listens; otherwise `null`. */
  get address (): AddressInfo | null {
    return this.#listener?.address ?? null
  }

  /** Where it responds: `host:port`, or the path of a socket; `null` while it does not listen. */
  get answersAt (): string | null {
    const address = this.#listener === null ? this.#fastify.server.address() : this.address
    if (address === null || typeof address === 'string') return address
    return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
  }

  /** Adds its routes. `hasRequestHooks`: whether the hooks of the request metrics call `countResponse`. */
  serve ({ hasRequestHooks }: { readonly hasRequestHooks: boolean }): void {
    const fastify = this.#server
    if (this.#listener !== null || !hasRequestHooks) this.#trackUnmatched(fastify)
    const hooks = responseHooks(this.countScrapeResponse, () => true)
    addEndpoint(fastify, { route: this.#route, handler: this.#handler, hooks })
    this.#listener?.openAndCloseWith(this.#fastify)
  }

  get #server (): FastifyInstance {
    return this.#listener?.fastify ?? this.#fastify
  }

  // With constraints, several routes may have the same URL, so the URL does not identify the endpoint.
  #createPathMatcher (): (url: string) => boolean {
    const { url, routeOptions } = this.#route
    if (routeOptions.constraints !== undefined) return () => false
    const { prefix } = this.#server
    const matchesPath = urlMatcher(this.#server, joinPaths(prefix, url))
    // Fastify adds two routes for the root of a scope, such as '/v1' and '/v1/'.
    const matchesPrefix = url === '/' ? urlMatcher(this.#server, prefix) : matchesPath
    return requestUrl => matchesPath(requestUrl) || matchesPrefix(requestUrl)
  }

  #trackUnmatched (fastify: FastifyInstance): void {
    const isUnmatchedScrape = ({ is404, url }: FastifyRequest): boolean => is404 && this.#matchesPath(url)
    const hooks = responseHooks(this.countScrapeResponse, isUnmatchedScrape)
    fastify.addHook('onRequest', hooks.onRequest)
    fastify.addHook('onSend', hooks.onSend)
    fastify.addHook('onResponse', hooks.onResponse)
    fastify.addHook('onRequestAbort', hooks.onRequestAbort)
  }
}

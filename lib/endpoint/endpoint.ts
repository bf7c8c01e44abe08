import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Exposition } from '../exposition/scrape.js'
import { joinPaths } from '../join-paths.js'
import { LEFT_OUT } from '../mistakes.js'
import type { Mistakes } from '../mistakes.js'
import type { ResolvedEndpoint, ResolvedOptions } from '../options.js'
import type { NamedMetric } from '../registry.js'
import { SafeLog } from '../safe-log.js'
import type { MetricsRegistry } from '../types.js'
import { Answers } from './answers.js'
import { Listener } from './listener.js'
import { addEndpoint, checkPath } from './route.js'
import type { EndpointRoute } from './route.js'
import { ScrapeMetrics } from './scrape-metrics.js'

/** The endpoint of an instance: on its own listener if the options say so, else on the instance's. */
export class Endpoint {
  /** For the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly #fastify: FastifyInstance
  readonly #route: EndpointRoute
  readonly #answers: Answers
  readonly #listener: Listener | null

  constructor (fastify: FastifyInstance, registry: MetricsRegistry, options: ResolvedOptions, endpoint: ResolvedEndpoint, mistakes: Mistakes) {
    const scrapeMetrics = new ScrapeMetrics(options.namePrefix)
    const exposition = new Exposition(registry, options.defaultLabels, endpoint.collectTimeout, (metric, err) => mistakes.error(metric, err, LEFT_OUT))
    this.metrics = scrapeMetrics.metrics
    this.#fastify = fastify
    this.#answers = new Answers(exposition, scrapeMetrics, endpoint, new SafeLog(fastify.log))
    this.#listener = endpoint.listen && new Listener(endpoint.listen)
    this.#route = {
      url: this.#listener === null ? options.url : joinPaths(fastify.prefix, options.url),
      logLevel: options.logLevel,
      logSerializers: options.logSerializers,
      routeOptions: endpoint.routeOptions
    }
    if (this.#listener === null) checkPath(fastify, this.#route)
  }

  /** The URL below which the instance counts no request; `null` where that is told by the route alone. */
  get uncountedUrl (): string | null {
    return this.#listener === null && this.#route.routeOptions.constraints === undefined ? joinPaths(this.#fastify.prefix, this.#route.url) : null
  }

  /** Where it listens by itself, once it does. */
  get address (): AddressInfo | null {
    return this.#listener?.address ?? null
  }

  /** Adds its routes. */
  serve (): void {
    addEndpoint(this.#listener?.fastify ?? this.#fastify, this.#route, this.#answers)
    this.#listener?.follow(this.#fastify)
  }
}

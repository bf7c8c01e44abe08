import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors, received } from '../errors.js'
import type { ResolvedOptions } from '../options/options.js'
import type { EndpointRouteOptions } from '../types/index.js'
import { joinPaths } from '../util/join-paths.js'
import type { ResponseHooks } from './response-hooks.js'
import type { ScrapeHandler } from './scrape-handler.js'

/** Where the endpoint stands and how its route behaves. */
export type EndpointRoute = Pick<ResolvedOptions, 'logLevel' | 'logSerializers'> & {
  /** Below the prefix of the instance. */
  readonly url: string
  readonly routeOptions: EndpointRouteOptions
}

/**
 * Checks that the path of the endpoint is free.
 * @throws DYNOAI_METRICS_ERR_PATH_TAKEN
 */
export function checkPath (fastify: FastifyInstance, route: EndpointRoute): void {
  if (isTaken(fastify, route, 'GET') || isTaken(fastify, route, 'HEAD')) throw new errors.ERR_PATH_TAKEN(received(joinPaths(fastify.prefix, route.url)))
}

/** What the routes of the endpoint are made of. */
export interface EndpointRoutes {
  readonly route: EndpointRoute
  readonly handler: ScrapeHandler
  readonly hooks: ResponseHooks
}

/**
 * Adds the routes that a scraper meets: GET and HEAD, and the refusal of every other method. The request metrics count
 * none of them; `hooks` see what is answered, before those of the route's options.
 */
export function addEndpoint (fastify: FastifyInstance, { route, handler, hooks }: EndpointRoutes): void {
  const { url, routeOptions, logLevel = routeOptions.logLevel ?? 'silent', logSerializers = routeOptions.logSerializers } = route
  const common = {
    ...routeOptions,
    onRequest: [hooks.onRequest, routeOptions.onRequest ?? []].flat(),
    onSend: hooks.onSend,
    onResponse: [hooks.onResponse, routeOptions.onResponse ?? []].flat(),
    onRequestAbort: [hooks.onRequestAbort, routeOptions.onRequestAbort ?? []].flat(),
    url,
    logLevel,
    ...(logSerializers && { logSerializers }),
    // For @fastify/swagger and its like.
    schema: { hide: true, ...routeOptions.schema },
    config: { ...routeOptions.config, metrics: false }
  } as const
  fastify.route({ ...common, method: ['GET', 'HEAD'], handler: async (request, reply) => await handler.scrape(request, reply) })

  const refuseMethod = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => { handler.refuseMethod(reply) }
  fastify.route({
    ...common,
    method: fastify.supportedMethods.filter(method => method !== 'GET' && method !== 'HEAD' && !isTaken(fastify, route, method)),
    // In the hook, since before a handler the body would be parsed, and refused for its own reasons.
    onRequest: [...common.onRequest, refuseMethod],
    handler: refuseMethod
  })
}

function isTaken (fastify: FastifyInstance, { url, routeOptions }: EndpointRoute, method: string): boolean {
  const { constraints } = routeOptions
  return fastify.hasRoute({ method, url: joinPaths(fastify.prefix, url), ...(constraints && { constraints }) })
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors, received } from '../errors.js'
import type { ResolvedOptions } from '../options/options.js'
import type { EndpointRouteOptions } from '../types/index.js'
import { joinPaths } from '../util/join-paths.js'
import type { ResponseHooks } from './response-hooks.js'
import type { ScrapeHandler } from './scrape-handler.js'

/** The path of the endpoint and the options of its routes. */
export type EndpointRoute = Pick<ResolvedOptions, 'logLevel' | 'logSerializers'> & {
  /** Relative to the prefix of the instance. */
  readonly url: string
  readonly routeOptions: EndpointRouteOptions
}

/**
 * Checks that the application has no route at the path of the endpoint.
 * @throws DYNOAI_METRICS_ERR_PATH_TAKEN
 */
export function checkPath (fastify: FastifyInstance, route: EndpointRoute): void {
  if (!isTaken(fastify, route, 'GET') && !isTaken(fastify, route, 'HEAD')) return
  throw new errors.ERR_PATH_TAKEN(received(joinPaths(fastify.prefix, route.url)))
}

/** The path, the handler and the hooks of the routes of the endpoint. */
export interface EndpointRoutes {
  readonly route: EndpointRoute
  readonly handler: ScrapeHandler
  readonly hooks: ResponseHooks
}

/**
 * Adds the routes of the endpoint: GET and HEAD, and one that rejects all other methods. The request metrics count none
 * of them. `hooks` run before the hooks of the route options.
 */
export function addEndpoint (fastify: FastifyInstance, { route, handler, hooks }: EndpointRoutes): void {
  const { url, routeOptions } = route
  const { logLevel = routeOptions.logLevel ?? 'silent', logSerializers = routeOptions.logSerializers } = route
  const common = {
    ...routeOptions,
    onRequest: [hooks.onRequest, routeOptions.onRequest ?? []].flat(),
    onSend: hooks.onSend,
    onResponse: [hooks.onResponse, routeOptions.onResponse ?? []].flat(),
    onRequestAbort: [hooks.onRequestAbort, routeOptions.onRequestAbort ?? []].flat(),
    url,
    logLevel,
    ...(logSerializers && { logSerializers }),
    // Hides the route from @fastify/swagger and similar plugins.
    schema: { hide: true, ...routeOptions.schema },
    config: { ...routeOptions.config, metrics: false }
  } as const
  fastify.route({
    ...common,
    method: ['GET', 'HEAD'],
    handler: async (request, reply) => await handler.scrape(request, reply)
  })

  const rejectMethod = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    handler.rejectMethod(reply)
  }
  fastify.route({
    ...common,
    method: fastify.supportedMethods
      .filter(method => method !== 'GET' && method !== 'HEAD' && !isTaken(fastify, route, method)),
    // In a hook: before a handler runs, Fastify parses the body, and may reject the request because of it.
    onRequest: [...common.onRequest, rejectMethod],
    handler: rejectMethod
  })
}

function isTaken (fastify: FastifyInstance, { url, routeOptions }: EndpointRoute, method: string): boolean {
  const { constraints } = routeOptions
  return fastify.hasRoute({ method, url: joinPaths(fastify.prefix, url), ...(constraints && { constraints }) })
}

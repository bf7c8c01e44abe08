import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import { joinPaths } from '../join-paths.js'
import type { ResolvedOptions } from '../options.js'
import type { MetricsRegistry } from '../types.js'

/**
 * Checks that the path of the endpoint is free.
 * @throws DYNOAI_METRICS_ERR_PATH_TAKEN
 */
export function checkPath (fastify: FastifyInstance, url: string): void {
  if (isTaken(fastify, url, 'GET') || isTaken(fastify, url, 'HEAD')) throw new errors.ERR_PATH_TAKEN(joinPaths(fastify.prefix, url))
}

/** Adds the route that a scraper reads; it answers GET and HEAD and is never counted, with any method. */
export function addEndpoint (fastify: FastifyInstance, registry: Pick<MetricsRegistry, 'contentType' | 'metrics'>, options: ResolvedOptions): void {
  const { url, logLevel, logSerializers } = options
  const common = { url, config: { metrics: false }, ...(logLevel && { logLevel }), ...(logSerializers && { logSerializers }) } as const
  fastify.route({
    ...common,
    method: ['GET', 'HEAD'],
    async handler (_request, reply) {
      return reply.type(registry.contentType).send(await registry.metrics())
    }
  })
  fastify.route({
    ...common,
    method: fastify.supportedMethods.filter(method => method !== 'GET' && method !== 'HEAD' && !isTaken(fastify, url, method)),
    // In the hook, since before a handler the body would be parsed, and refused for its own reasons.
    onRequest: refuseMethod,
    handler: refuseMethod
  })
}

function isTaken (fastify: FastifyInstance, url: string, method: string): boolean {
  return fastify.hasRoute({ method, url: joinPaths(fastify.prefix, url) })
}

function refuseMethod (_request: FastifyRequest, reply: FastifyReply): void {
  reply.code(405).header('allow', 'GET, HEAD').send()
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import type { ResolvedOptions } from '../options.js'
import type { MetricsRegistry } from '../types.js'

/**
 * Adds the route that a scraper reads; it answers GET and HEAD and is never counted, with any method.
 * @throws DYNOAI_METRICS_ERR_PATH_TAKEN
 */
export function addEndpoint (fastify: FastifyInstance, registry: Pick<MetricsRegistry, 'contentType' | 'metrics'>, options: ResolvedOptions): void {
  const { url, logLevel, logSerializers } = options
  const isTaken = (method: string): boolean => fastify.hasRoute({ method, url: fastify.prefix + url })
  if (isTaken('GET') || isTaken('HEAD')) throw new errors.ERR_PATH_TAKEN(fastify.prefix + url)

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
    method: fastify.supportedMethods.filter(method => method !== 'GET' && method !== 'HEAD' && !isTaken(method)),
    // In the hook, since before a handler the body would be parsed, and refused for its own reasons.
    onRequest: refuseMethod,
    handler: refuseMethod
  })
}

function refuseMethod (_request: FastifyRequest, reply: FastifyReply): void {
  reply.code(405).header('allow', 'GET, HEAD').send()
}

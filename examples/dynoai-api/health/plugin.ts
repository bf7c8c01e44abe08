import type { FastifyPluginAsync } from 'fastify'
import type { HealthChecks } from './health-checks.js'

/** Options of the health route. */
export interface HealthOptions {
  readonly checks: HealthChecks
  readonly version: string
}

/**
 * `GET /api/health`: 200 for a healthy or degraded service, 503 when a component is unhealthy. Request metrics leave
 * it out: probes are not users, and a 503 here is a report, not a failure.
 */
export const healthPlugin: FastifyPluginAsync<HealthOptions> = async (fastify, { checks, version }) => {
  fastify.get('/api/health', { config: { metrics: false } }, async (_request, reply) => {
    const { status, components } = checks.report()
    return reply.code(status === 'unhealthy' ? 503 : 200).send({
      status,
      timestamp: new Date().toISOString(),
      version,
      uptime_seconds: Math.round(process.uptime()),
      components
    })
  })
}

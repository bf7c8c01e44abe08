import type { FastifyInstance } from 'fastify'
import type { HealthChecks } from './health-checks.js'

/** What the health route needs. */
export interface HealthOptions {
  readonly checks: HealthChecks
  readonly version: string
}

/** `GET /api/health`: 200 while the service works, if degraded, and 503 when a component is unhealthy. */
export async function health (fastify: FastifyInstance, { checks, version }: HealthOptions): Promise<void> {
  fastify.get('/api/health', async (_request, reply) => {
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

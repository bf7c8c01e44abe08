import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import dynoaiMetrics, { type DynoaiMetricsOptions } from 'dynoai-metrics'

/** A sample of a dyno log: the air-fuel ratio that was commanded, and the one that was measured. */
interface Sample {
  readonly commanded: number
  readonly measured: number
}

const AIR_FUEL_RATIO = { type: 'number', minimum: 9, maximum: 18 }
const SAMPLE = {
  type: 'object',
  required: ['commanded', 'measured'],
  properties: { commanded: AIR_FUEL_RATIO, measured: AIR_FUEL_RATIO }
}

/** Settings of the service. */
export interface ServiceOptions {
  /** Options of Fastify's logger. @default false */
  readonly logger?: FastifyServerOptions['logger']
  /** Options of the metrics plugin. */
  readonly metrics?: DynoaiMetricsOptions
}

/** Builds a service that keeps nothing between two requests, so that any number of processes can respond. */
export async function buildService ({ logger = false, metrics = {} }: ServiceOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({ logger })
  await app.register(dynoaiMetrics, metrics)

  app.get('/api/health', async () => ({ status: 'healthy', pid: process.pid }))

  app.post<{ Body: Sample }>('/api/correction', {
    schema: { body: SAMPLE },
    config: { metrics: { analysis: { source: 'upload' } } }
  }, async ({ body: { commanded, measured } }) => {
    const percent = 100 * (measured / commanded - 1)
    app.metrics.veCorrectionsMagnitudePercent.observe(Math.abs(percent))
    return { percent, pid: process.pid }
  })
  return app
}

// A CommonJS module with imports in the syntax of ES modules.
import Fastify from 'fastify'
import dynoaiMetrics, { dynoaiMetrics as named } from 'dynoai-metrics'
import type { DynoaiMetricsOptions, FastifyMetrics } from 'dynoai-metrics'

const options: DynoaiMetricsOptions = { metricPrefix: 'shop', runtimeMetrics: false }

export async function start (): Promise<FastifyMetrics> {
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics, options)
  const isOne: boolean = named === dynoaiMetrics
  fastify.metrics.analysisTotal.inc({ status: isOne ? 'success' : 'error' })
  // @ts-expect-error there is no such option
  await fastify.register(dynoaiMetrics, { metricPrefxi: 'shop' })
  // @ts-expect-error the status has no such value
  fastify.metrics.analysisTotal.inc({ status: 'sucess' })
  return fastify.metrics
}

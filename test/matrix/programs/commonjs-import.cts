// A CommonJS module whose imports are written as in an ES module.
import Fastify from 'fastify'
import dynoaiMetrics, { dynoaiMetrics as named } from 'dynoai-metrics'
import type { DynoaiMetricsOptions, FastifyMetrics } from 'dynoai-metrics'

const options: DynoaiMetricsOptions = { metricPrefix: 'shop', runtimeMetrics: false }

export async function start (): Promise<FastifyMetrics> {
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics, options)
  const isOne: boolean = named === dynoaiMetrics
  fastify.metrics.analysisTotal.inc({ status: isOne ? 'success' : 'error' })
  // @ts-expect-error it has no such option
  await fastify.register(dynoaiMetrics, { metricPrefxi: 'shop' })
  // @ts-expect-error its status has no such value
  fastify.metrics.analysisTotal.inc({ status: 'sucess' })
  return fastify.metrics
}

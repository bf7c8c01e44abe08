// A CommonJS module that uses the metrics of `augments.mts` and `augments-more.mts`.
import fastifyFactory = require('fastify')
import dynoaiMetrics = require('dynoai-metrics')

declare module 'dynoai-metrics' {
  interface BusinessMetrics {
    readonly vansTotal: dynoaiMetrics.CounterHandle<{ readonly full: 'yes' | 'no' }>
  }
}

export async function use (): Promise<void> {
  const fastify = fastifyFactory.fastify()
  await fastify.register(dynoaiMetrics)
  fastify.metrics.cratesTotal.inc({ size: 'large' })
  fastify.metrics.openDoors.inc({ side: 'right' })
  fastify.metrics.vansTotal.inc({ full: 'no' })
  fastify.metrics.analysisTotal.inc()
  // @ts-expect-error there is no such size
  fastify.metrics.cratesTotal.inc({ size: 'huge' })
  // @ts-expect-error no module adds it
  fastify.metrics.tracksTotal.inc()
}

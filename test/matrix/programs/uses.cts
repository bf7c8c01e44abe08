// A CommonJS module that uses what `augments.mts` and `augments-more.mts` add.
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
  // @ts-expect-error it has no such size
  fastify.metrics.cratesTotal.inc({ size: 'huge' })
  // @ts-expect-error nobody adds it
  fastify.metrics.tracksTotal.inc()
}

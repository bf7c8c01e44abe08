import type { FastifyInstance } from 'fastify'
import fastifyMetrics from 'fastify-metrics'
import fp from 'fastify-plugin'
import { Histogram, Registry } from 'prom-client'
import dynoaiMetrics from 'dynoai-metrics'

/** Makes an instance measured in one way. */
export type Setup = (fastify: FastifyInstance) => Promise<void>

/** The plain hook that people write: one prom-client histogram, observed in `onResponse`. */
const plainHook = fp(async function plainHook (fastify: FastifyInstance) {
  const histogram = new Histogram({
    name: 'http_request_duration_seconds', help: 'Duration', labelNames: ['method', 'route', 'status'], registers: [new Registry()]
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    histogram.observe({ method: request.method, route: request.routeOptions.url, status: reply.statusCode }, reply.elapsedTime / 1000)
    done()
  })
})

/** The name of this package's setup. */
export const OURS = 'dynoai-metrics'

/** What is compared, in the order of the tables; `bare` is Fastify alone. */
export const SETUPS = {
  bare: async () => {},
  [OURS]: async fastify => { await fastify.register(dynoaiMetrics) },
  'fastify-metrics, histogram only': async fastify => {
    await fastify.register(fastifyMetrics.default, {
      clearRegisterOnInit: true, defaultMetrics: { enabled: false }, routeMetrics: { enabled: { histogram: true, summary: false } }
    })
  },
  'fastify-metrics, defaults': async fastify => { await fastify.register(fastifyMetrics.default, { clearRegisterOnInit: true }) },
  'prom-client in a hook': async fastify => { await fastify.register(plainHook) }
} as const satisfies Record<string, Setup>

/** The setup of this name. */
export function setupOf (name: string): Setup {
  const setup = (SETUPS as Readonly<Record<string, Setup>>)[name]
  if (setup === undefined) throw new Error(`There is no setup '${name}', only ${Object.keys(SETUPS).join('; ')}`)
  return setup
}

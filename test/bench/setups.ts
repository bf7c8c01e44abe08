import type { FastifyInstance } from 'fastify'
import fastifyMetrics from 'fastify-metrics'
import fp from 'fastify-plugin'
import { Histogram, Registry } from 'prom-client'
import dynoaiMetrics from 'dynoai-metrics'
import { BARE, DYNOAI_METRICS, FASTIFY_METRICS, FASTIFY_METRICS_HISTOGRAM, PROM_CLIENT_HOOK } from './names.js'

/** Adds the metrics of one setup to an instance. */
export type Setup = (fastify: FastifyInstance) => Promise<void>

/** The hook that applications often write: one prom-client histogram, observed in `onResponse`. */
const promClientHook = fp(async function promClientHook (fastify: FastifyInstance) {
  const histogram = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration',
    labelNames: ['method', 'route', 'status'],
    registers: [new Registry()]
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    histogram.observe({
      method: request.method, route: request.routeOptions.url!, status: reply.statusCode // every URL has a route
    }, reply.elapsedTime / 1000)
    done()
  })
})

/** The compared setups, in the order of the tables. */
export const SETUPS = {
  [BARE]: async () => {},
  [DYNOAI_METRICS]: async fastify => { await fastify.register(dynoaiMetrics) },
  [FASTIFY_METRICS_HISTOGRAM]: async fastify => {
    await fastify.register(fastifyMetrics.default, {
      clearRegisterOnInit: true,
      defaultMetrics: { enabled: false },
      routeMetrics: { enabled: { histogram: true, summary: false } }
    })
  },
  [FASTIFY_METRICS]: async fastify => {
    await fastify.register(fastifyMetrics.default, { clearRegisterOnInit: true })
  },
  [PROM_CLIENT_HOOK]: async fastify => { await fastify.register(promClientHook) }
} as const satisfies Record<string, Setup>

export const SETUP_NAMES = Object.keys(SETUPS)

/** Returns the setup with this name. */
export function setupOf (name: string): Setup {
  const setup = (SETUPS as Readonly<Record<string, Setup>>)[name]
  if (setup === undefined) throw new Error(`Unknown setup '${name}'. Setups: ${SETUP_NAMES.join('; ')}`)
  return setup
}

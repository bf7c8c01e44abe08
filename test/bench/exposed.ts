import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { Histogram, Registry } from 'prom-client'
import dynoaiMetrics from 'dynoai-metrics'
import type { MetricDefinitions } from 'dynoai-metrics'
import type * as Scrape from '../../dist/lib/exposition/exposition.js'
import type * as TextEncoder from '../../dist/lib/exposition/text-encoder.js'
import type { Instruments } from './clients.js'
import { fillSeries, prepareHooks } from './hooks.js'
import { OURS } from './setups.js'
import type { Setup } from './setups.js'

/** An instance with many series, and one scrape of them. */
export interface Exposed {
  readonly fastify: FastifyInstance
  /** Renders everything, and gives how many bytes that were. */
  scrape (): Promise<number>
}

const STATUSES = 10
/** Those of dynoai-metrics. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** dynoai-metrics, with prom-client's histogram in its registry in place of its own. */
export const FOREIGN = "dynoai-metrics, of prom-client's metrics"

/** prom-client as people use it: a histogram in a hook, and at a path a route that sends all of its text. */
function promClient (registry: Registry, path = '/metrics'): Setup {
  return async fastify => {
    await fastify.register(fp(async fastify => {
      const histogram = new Histogram({
        name: 'dynoai_request_duration_seconds', help: 'Duration', labelNames: ['method', 'path', 'status'], buckets: BUCKETS, registers: [registry]
      })
      fastify.addHook('onResponse', (request, reply, done) => {
        histogram.observe({ method: request.method, path: request.routeOptions.url, status: reply.statusCode }, reply.elapsedTime / 1000)
        done()
      })
      fastify.get(path, async (_request, reply) => await reply.type(registry.contentType).send(await registry.metrics()))
    }))
  }
}

// What the package does not export: the pass over a registry without the HTTP around it, as `registry.metrics()` is one.
const { Exposition } = await importLib<typeof Scrape>('exposition/exposition.js')
const { textEncoder } = await importLib<typeof TextEncoder>('exposition/text-encoder.js')

async function importLib<T> (file: string): Promise<T> {
  return await import(new URL(`../../../dist/lib/${file}`, import.meta.url).href) as T
}

/** dynoai-metrics with business metrics beside those of requests, and without request series. */
export const MIXED = 'requests, counters and histograms'
export const HISTOGRAMS = '20 histograms'

/** Which share of the series is of requests, and the business metrics that have the others, as many each. */
interface Shares {
  readonly requests: number
  readonly metrics: MetricDefinitions
}

const COUNTER = { type: 'counter', help: 'Items', labels: { item: [] } } as const
const HISTOGRAM = { type: 'histogram', help: 'Duration', labels: { item: [] }, buckets: BUCKETS.slice(2) } as const
const SHARES: Readonly<Record<string, Shares>> = {
  [OURS]: { requests: 1, metrics: {} },
  [MIXED]: { requests: 0.4, metrics: { itemsTotal: COUNTER, itemSeconds: HISTOGRAM } },
  [HISTOGRAMS]: {
    requests: 0, metrics: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`item${i}Seconds`, HISTOGRAM]))
  }
}

/** Makes an instance whose histograms, and counters if it has some, have as many series together, each written. */
export async function exposeSeries (name: string, series: number): Promise<Exposed> {
  const registry = new Registry()
  const shares = SHARES[name]
  const ours: Setup = async fastify => {
    const metrics = shares?.metrics ?? {}
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, dynoai: false, uploads: false, metrics, maxSeries: series })
  }
  const foreign: Setup = async fastify => {
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, dynoai: false, uploads: false, requests: false, registry })
    await promClient(registry, '/prom-client')(fastify)
  }
  const setup = shares !== undefined ? ours : name === FOREIGN ? foreign : promClient(registry)
  const requests = series * (shares?.requests ?? 1)
  const bench = await prepareHooks(setup, requests / STATUSES)
  fillSeries(bench, STATUSES)
  const { fastify } = bench
  if (shares === undefined) return { fastify, scrape: async () => Buffer.byteLength(await registry.metrics()) }

  fillBusiness(fastify, shares.metrics, series - requests)
  const exposition = new Exposition({ registry: fastify.metrics.registry, collectTimeout: 5000, onError: (_metric, err) => { throw err } })
  return {
    fastify,
    async scrape () {
      let bytes = 0
      await exposition.write(textEncoder, null, { signal: new AbortController().signal, async write (chunk) { bytes += chunk.length } })
      return bytes
    }
  }
}

function fillBusiness (fastify: FastifyInstance, metrics: MetricDefinitions, series: number): void {
  const definitions = Object.entries(metrics)
  const handles = fastify.metrics as unknown as Instruments
  for (const [key, { type }] of definitions) {
    for (let i = 0; i < series / definitions.length; i++) {
      handles[key]?.[type === 'counter' ? 'inc' : 'observe']({ item: `item-${i}` }, i % 12)
    }
  }
}

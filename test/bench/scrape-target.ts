import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { Histogram, Registry } from 'prom-client'
import dynoaiMetrics from 'dynoai-metrics'
import type { MetricDefinitions } from 'dynoai-metrics'
import type * as Scrape from '../../dist/lib/exposition/exposition.js'
import type * as TextEncoder from '../../dist/lib/exposition/text-encoder.js'
import type { Metrics } from './clients.js'
import { fillSeries, prepareHooks } from './hooks.js'
import { DYNOAI_METRICS, DYNOAI_WITH_PROM_CLIENT, HISTOGRAM_SERIES, MIXED_SERIES } from './names.js'
import type { Setup } from './setups.js'

/** An instance with many series. */
export interface ScrapeTarget {
  readonly fastify: FastifyInstance
  /** Renders all series without HTTP, and returns the number of bytes. */
  scrape (): Promise<number>
}

const STATUSES = 10
/** The default duration buckets of dynoai-metrics. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** The usual use of prom-client: a histogram observed in a hook, and a route that sends the complete text. */
function promClientSetup (registry: Registry, path = '/metrics'): Setup {
  return async fastify => {
    await fastify.register(fp(async fastify => {
      const histogram = new Histogram({
        name: 'dynoai_request_duration_seconds',
        help: 'Duration',
        labelNames: ['method', 'path', 'status'],
        buckets: BUCKETS,
        registers: [registry]
      })
      fastify.addHook('onResponse', (request, reply, done) => {
        histogram.observe({
          method: request.method, path: request.routeOptions.url!, status: reply.statusCode // every URL has a route
        }, reply.elapsedTime / 1000)
        done()
      })
      fastify.get(path, async (_request, reply) => {
        return await reply.type(registry.contentType).send(await registry.metrics())
      })
    }))
  }
}

// These modules are internal to the package. They render a registry without HTTP, as `registry.metrics()` of
// prom-client does.
const { Exposition } = await importLib<typeof Scrape>('exposition/exposition.js')
const { textEncoder } = await importLib<typeof TextEncoder>('exposition/text-encoder.js')

async function importLib<T> (file: string): Promise<T> {
  return await import(new URL(`../../../dist/lib/${file}`, import.meta.url).href) as T
}

/** The share of request series, and the business metrics that have the other series in equal numbers. */
interface SeriesMix {
  readonly requests: number
  readonly metrics: MetricDefinitions
}

const COUNTER = { type: 'counter', help: 'Items', labels: { item: [] } } as const
const HISTOGRAM = {
  type: 'histogram', help: 'Duration', labels: { item: [] }, buckets: BUCKETS.slice(2)
} as const
const MIXES: Readonly<Record<string, SeriesMix>> = {
  [DYNOAI_METRICS]: { requests: 1, metrics: {} },
  [MIXED_SERIES]: { requests: 0.4, metrics: { itemsTotal: COUNTER, itemSeconds: HISTOGRAM } },
  [HISTOGRAM_SERIES]: {
    requests: 0, metrics: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`item${i}Seconds`, HISTOGRAM]))
  }
}

/** Creates an instance with `series` series in total, and writes to each of them. */
export async function createScrapeTarget (name: string, series: number): Promise<ScrapeTarget> {
  const registry = new Registry()
  const mix = MIXES[name]
  const off = { runtimeMetrics: false, dynoai: false, uploads: false } as const
  const dynoaiSetup: Setup = async fastify => {
    await fastify.register(dynoaiMetrics, { ...off, metrics: mix?.metrics ?? {}, maxSeries: series })
  }
  const dynoaiWithPromClientSetup: Setup = async fastify => {
    await fastify.register(dynoaiMetrics, { ...off, requests: false, registry })
    await promClientSetup(registry, '/prom-client')(fastify)
  }
  const otherSetup = name === DYNOAI_WITH_PROM_CLIENT ? dynoaiWithPromClientSetup : promClientSetup(registry)
  const requestSeries = series * (mix?.requests ?? 1)
  const bench = await prepareHooks(mix !== undefined ? dynoaiSetup : otherSetup, requestSeries / STATUSES)
  fillSeries(bench, STATUSES)
  const { fastify } = bench
  if (mix === undefined) return { fastify, scrape: async () => Buffer.byteLength(await registry.metrics()) }

  fillBusinessSeries(fastify, mix.metrics, series - requestSeries)
  const onError = (_metric: unknown, err: unknown): void => { throw err }
  const exposition = new Exposition({ registry: fastify.metrics.registry, collectTimeout: 5000, onError })
  return {
    fastify,
    async scrape () {
      let bytes = 0
      await exposition.write(textEncoder, null, {
        signal: new AbortController().signal, async write (chunk) { bytes += chunk.length }
      })
      return bytes
    }
  }
}

function fillBusinessSeries (fastify: FastifyInstance, metrics: MetricDefinitions, series: number): void {
  const definitions = Object.entries(metrics)
  const handles = fastify.metrics as unknown as Metrics
  for (const [key, { type }] of definitions) {
    for (let i = 0; i < series / definitions.length; i++) {
      handles[key]?.[type === 'counter' ? 'inc' : 'observe']({ item: `item-${i}` }, i % 12)
    }
  }
}

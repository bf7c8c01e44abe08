import { versions } from 'node:process'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client'
import { dynoaiMetrics } from '../lib/plugin.js'
import { version } from '../lib/registry/version.js'
import { createFastify } from './fixtures/app.js'
import { promiseWithResolvers } from './fixtures/promise-with-resolvers.js'
import { readSamples } from './fixtures/samples.js'

/** A client library that merges the metrics of several processes. */
interface Client {
  readonly AggregatorRegistry: { aggregate (metrics: object[]): Pick<Registry, 'metrics'> }
}

const clients: Array<readonly [name: string, client: Client]> = [['prom-client', { AggregatorRegistry }]]
// The successor of prom-client needs Node 22, a later version than this package.
if (Number(versions.node.split('.')[0]) >= 22) {
  clients.push(['@prometheus-io/client', await import('@prometheus-io/client')])
}

/** Serialises the metrics of an instance, as one process sends them to another. */
async function serialise ({ metrics }: FastifyInstance): Promise<object> {
  return JSON.parse(JSON.stringify(await metrics.registry.getMetricsAsJSON()))
}

for (const [name, client] of clients) {
  t.test(`${name} adds up the metrics of several processes, except info metrics, which stay 1`, async t => {
    const { promise: released, resolve: release } = promiseWithResolvers()
    const processes: Array<{ readonly samples: Record<string, number>, readonly sent: object }> = []
    const requests: Array<Promise<unknown>> = []
    for (const appVersion of ['1.0.0', '1.0.0', '2.0.0']) {
      const { promise: arrived, resolve: arrive } = promiseWithResolvers()
      const fastify = createFastify(t)
      await fastify.register(dynoaiMetrics, {
        runtimeMetrics: false,
        appInfo: { version: appVersion },
        requests: { sizes: true },
        metrics: { queueLength: { type: 'gauge', help: 'Waiting', collect: () => 3 } }
      })
      fastify.get('/x', { config: { metrics: { analysis: {} } } }, async () => 'ok')
      fastify.get('/fails', async () => { throw new Error('fails') })
      fastify.get('/wait', async () => { arrive(); await released; return 'ok' })
      for (const url of ['/x', '/fails', '/metrics']) await fastify.inject(url)
      fastify.metrics.activeSessions.set(2)
      fastify.metrics.activeSessions.set(NaN)
      requests.push(fastify.inject('/wait'))
      await arrived
      processes.push({ samples: await readSamples(fastify.metrics.registry), sent: await serialise(fastify) })
    }

    const merged = await readSamples(client.AggregatorRegistry.aggregate(processes.map(({ sent }) => sent)))
    const expected: Record<string, number> = {}
    for (const [sample, value] of processes.flatMap(({ samples }) => Object.entries(samples))) {
      expected[sample] = (sample.includes('_info{') ? 0 : expected[sample] ?? 0) + value
    }
    // The last digits of duration sums depend on the order of the additions.
    const round = (all: Record<string, number>): Record<string, number> =>
      Object.fromEntries(Object.entries(all).map(([sample, value]) => [sample, Number(value.toFixed(9))]))
    t.same(round(merged), round(expected))
    t.match(merged, {
      'dynoai_app_info{version="1.0.0"}': 1,
      'dynoai_app_info{version="2.0.0"}': 1,
      [`dynoai_exporter_info{version="${version}"}`]: 1,
      dynoai_requests_in_flight: 3,
      dynoai_active_sessions: 6,
      dynoai_queue_length: 9
    })
    release()
    await Promise.all(requests)
  })
}

const MERGED = { sum: 6, first: 2, min: 1, max: 3, average: 2, omit: undefined } as const

for (const [name, client] of clients) {
  t.test(`${name} merges gauges by the aggregators of their definitions, also those that are collected`, async t => {
    const sent: object[] = []
    for (const value of [2, 1, 3]) {
      const fastify = createFastify(t)
      await fastify.register(dynoaiMetrics, { runtimeMetrics: false, metricPrefix: '' })
      for (const aggregator of Object.keys(MERGED) as Array<keyof typeof MERGED>) {
        const definition = { type: 'gauge', help: 'X', aggregator } as const
        const handles = fastify.metrics.define({
          [`${aggregator}Set`]: definition,
          [`${aggregator}Collected`]: { ...definition, collect: () => value }
        })
        handles[`${aggregator}Set`]?.set(value)
        t.equal(handles[`${aggregator}Collected`]?.metric.aggregator, aggregator)
      }
      sent.push(await serialise(fastify))
    }
    const merged = await readSamples(client.AggregatorRegistry.aggregate(sent))
    for (const [aggregator, value] of Object.entries(MERGED)) {
      for (const kind of ['set', 'collected']) t.equal(merged[`${aggregator}_${kind}`], value, `${aggregator} ${kind}`)
    }
  })
}

t.test("runtime metrics have the same aggregators as prom-client's default metrics", async t => {
  const readAggregators = async (registry: Registry): Promise<Record<string, unknown>> => {
    const metrics = (await registry.getMetricsAsJSON()).filter(({ name }) => /^(?:process|nodejs)_/.test(name))
    return Object.fromEntries(metrics.map(({ name, aggregator }) => [name, aggregator]))
  }
  const register = new Registry()
  collectDefaultMetrics({ register })
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics)
  const aggregators = await readAggregators(fastify.metrics.registry)
  const added = { nodejs_eventloop_active_seconds_total: 'sum', nodejs_eventloop_delay_seconds: 'sum' }
  t.strictSame(aggregators, { ...await readAggregators(register), ...added })
  t.match(aggregators, {
    nodejs_version_info: 'first',
    process_start_time_seconds: 'omit',
    nodejs_eventloop_lag_p99_seconds: 'average',
    process_cpu_seconds_total: 'sum'
  })
})

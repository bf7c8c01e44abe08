import { versions } from 'node:process'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client'
import { dynoaiMetrics } from '../lib/plugin.js'
import { version } from '../lib/registry/version.js'
import { createFastify } from './fixtures/app.js'
import { promiseWithResolvers } from './fixtures/promise-with-resolvers.js'
import { samples } from './fixtures/samples.js'

/** What a client library gives to merge the metrics of several processes. */
interface Client {
  readonly AggregatorRegistry: { aggregate (metrics: readonly object[]): Registry }
}

const clients: Array<readonly [name: string, client: Client]> = [['prom-client', { AggregatorRegistry } as unknown as Client]]
// prom-client's successor needs a newer Node than this package does.
if (Number(versions.node.split('.')[0]) >= 22) clients.push(['@prometheus-io/client', await import('@prometheus-io/client') as unknown as Client])

/** The metrics of an instance as one process sends them to another. */
async function sent ({ metrics }: FastifyInstance): Promise<object> {
  return JSON.parse(JSON.stringify(await metrics.registry.getMetricsAsJSON()))
}

for (const [name, client] of clients) {
  t.test(`merged over processes by ${name}, information is 1 and everything else adds up`, async t => {
    const { promise: held, resolve: release } = promiseWithResolvers()
    const processes: Array<{ readonly fastify: FastifyInstance, readonly own: Record<string, number>, readonly sent: object }> = []
    const requests: Array<Promise<unknown>> = []
    for (const appVersion of ['1.0.0', '1.0.0', '2.0.0']) {
      const { promise: arrived, resolve: arrive } = promiseWithResolvers()
      const fastify = createFastify(t)
      await fastify.register(dynoaiMetrics, {
        runtimeMetrics: false, appInfo: { version: appVersion }, requests: { sizes: true }, metrics: { queueLength: { type: 'gauge', help: 'Waiting', collect: () => 3 } }
      })
      fastify.get('/x', { config: { metrics: { analysis: {} } } }, async () => 'ok')
      fastify.get('/fails', async () => { throw new Error('fails') })
      fastify.get('/held', async () => { arrive(); await held; return 'ok' })
      for (const url of ['/x', '/fails', '/metrics']) await fastify.inject(url)
      fastify.metrics.activeSessions.set(2)
      fastify.metrics.activeSessions.set(NaN)
      requests.push(fastify.inject('/held'))
      await arrived
      processes.push({ fastify, own: await samples(fastify.metrics.registry), sent: await sent(fastify) })
    }

    const merged = await samples(client.AggregatorRegistry.aggregate(processes.map(({ sent }) => sent)))
    const expected: Record<string, number> = {}
    for (const { own } of processes) {
      for (const [sample, value] of Object.entries(own)) expected[sample] = (sample.includes('_info{') ? 0 : expected[sample] ?? 0) + value
    }
    // Sums of durations differ in their last digits with the order in which they are added.
    const rounded = (all: Record<string, number>): Record<string, number> =>
      Object.fromEntries(Object.entries(all).map(([sample, value]) => [sample, Number(value.toFixed(9))]))
    t.same(rounded(merged), rounded(expected))
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

t.test('metrics of the runtime are merged as prom-client says of its own', async t => {
  const aggregators = async (registry: Registry): Promise<Record<string, unknown>> =>
    Object.fromEntries((await registry.getMetricsAsJSON()).map(({ name, aggregator }) => [name, aggregator] as const).filter(([name]) => /^(?:process|nodejs)_/.test(name)))
  const theirs = new Registry()
  collectDefaultMetrics({ register: theirs })
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics)
  const ours = await aggregators(fastify.metrics.registry)
  const added = { nodejs_eventloop_active_seconds_total: 'sum', nodejs_eventloop_delay_seconds: 'sum' }
  t.strictSame(ours, { ...await aggregators(theirs), ...added })
  t.match(ours, { nodejs_version_info: 'first', process_start_time_seconds: 'omit', nodejs_eventloop_lag_p99_seconds: 'average', process_cpu_seconds_total: 'sum' })
})

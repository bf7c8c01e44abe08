import t from 'tap'
import type { Test } from 'tap'
import type { DynoaiMetricsOptions, MetricDefinitions } from '../../lib/types/index.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { registerMetric } from '../fixtures/register-metric.js'

const LABELS = { user: [] }

/** An instance whose metrics expire after a minute, and a clock that the test moves. */
async function setUp<const D extends MetricDefinitions> (t: Test, definitions: D, options: DynoaiMetricsOptions = {}) {
  const { now } = performance
  let seconds = 1000
  performance.now = () => 1000 * seconds
  t.teardown(() => { performance.now = now })
  const fastify = await createMeasuredFastify(t, { dynoai: false, requests: false, metricPrefix: '', ...options })
  return {
    fastify,
    handles: fastify.metrics.define(definitions),
    wait: (more: number) => { seconds += more },
    /** The users that a scrape shows. */
    scrape: async (path = '/metrics') => [...(await fastify.inject(path)).body.matchAll(/^m(?:_total|_count)?\{user="(\w+)"/gm)].map(([, user]) => user)
  }
}

t.test('a series ends that nothing was written to, after a scrape has shown it', async t => {
  const { handles: { m }, wait, scrape } = await setUp(t, { m: { type: 'counter', help: 'M', name: 'm_total', labels: LABELS, expireAfter: 60 } })
  m.inc({ user: 'a' })
  const bound = m.labels({ user: 'b' })
  bound.inc()
  wait(3600)
  t.strictSame(await scrape(), ['a', 'b'], 'also when none came for long')
  wait(1)
  bound.inc()
  t.strictSame(await scrape(), ['b'], 'and it was idle for more than a minute by then')
  wait(61)
  t.strictSame(await scrape(), [])
  bound.inc()
  t.match((await m.metric.get()).values, [{ labels: { user: 'b' }, value: 1 }], 'one that comes back begins anew')
})

t.test('a scrape of other metrics shows nothing of a series', async t => {
  const { handles: { m }, wait, scrape } = await setUp(t, { m: { type: 'histogram', help: 'M', labels: LABELS, buckets: [1], expireAfter: 60 } })
  m.observe({ user: 'a' }, 1)
  wait(1)
  await scrape('/metrics?name[]=app_info')
  wait(3600)
  t.strictSame(await scrape(), ['a'])
  t.strictSame(await scrape(), [])
})

t.test('a scrape that is left in the middle shows nothing', async t => {
  const { fastify, handles: { m }, wait, scrape } = await setUp(t, { m: { type: 'gauge', help: 'M', labels: LABELS, expireAfter: 60 } })
  m.set({ user: 'a' }, 1)
  wait(1)
  const leaving = new AbortController()
  registerMetric(fastify.metrics.registry, {
    name: 'last', help: 'L', type: 'gauge', get: async () => { leaving.abort(); return await new Promise(() => {}) }, reset () {}
  })
  const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
  await t.rejects(fetch(`${origin}/metrics`, { signal: leaving.signal }))
  fastify.metrics.registry.removeSingleMetric('last')
  wait(3600)
  t.strictSame(await scrape(), ['a'])
  t.strictSame(await scrape(), [])
})

t.test('what a registry was read for in another way counts as shown', async t => {
  const { fastify, handles: { m }, wait, scrape } = await setUp(t, { m: { type: 'gauge', help: 'M', labels: LABELS, expireAfter: 60 } })
  m.set({ user: 'a' }, 1)
  wait(1)
  await fastify.metrics.registry.metrics()
  wait(60)
  t.strictSame(await scrape(), [])
})

t.test('an expired series makes room under maxSeries', async t => {
  const definitions = { m: { type: 'gauge', help: 'M', labels: LABELS, expireAfter: 60 } } as const
  const { handles: { m }, wait, scrape } = await setUp(t, definitions, { maxSeries: 1 })
  m.set({ user: 'a' }, 1)
  wait(1)
  await scrape()
  m.set({ user: 'b' }, 1)
  t.strictSame(await scrape(), ['a', '__overflow__'])
  wait(61)
  m.set({ user: 'c' }, 1)
  t.ok((await scrape()).includes('c'))
})

t.test('a gauge that is counted up and down stays until it is 0, and listed series go to 0', async t => {
  const { fastify, handles: { m, listed }, wait, scrape } = await setUp(t, {
    m: { type: 'gauge', help: 'M', labels: LABELS, expireAfter: 60 },
    listed: { type: 'gauge', help: 'L', labels: { kind: ['a', 'b'] }, expireAfter: 60 }
  })
  m.inc({ user: 'open' })
  m.inc({ user: 'closed' })
  m.dec({ user: 'closed' })
  listed.set({ kind: 'b' }, 5)
  wait(1)
  await scrape()
  wait(60)
  t.strictSame(await scrape(), ['open'])
  t.match((await fastify.inject('/metrics')).body, 'listed{kind="a"} 0\nlisted{kind="b"} 0\n')
})

import t from 'tap'
import type { Test } from 'tap'
import type { DynoaiMetricsOptions, MetricDefinitions } from '../../lib/types/index.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { registerMetric } from '../fixtures/register-metric.js'

const LABELS = { user: [] }
const GAUGE = { m: { type: 'gauge', help: 'M', labels: LABELS, expireAfter: 60 } } as const

/** An instance with these metrics, and a clock that the test advances by `wait`, in seconds. */
async function setUp<const D extends MetricDefinitions> (t: Test, definitions: D, options: DynoaiMetricsOptions = {}) {
  let seconds = 1000
  t.intercept(performance, 'now', { value: () => 1000 * seconds })
  const fastify = await createMeasuredFastify(t, { dynoai: false, requests: false, metricPrefix: '', ...options })
  return {
    fastify,
    handles: fastify.metrics.define(definitions),
    wait: (duration: number) => { seconds += duration },
    /** The users in the series that a scrape exposes. */
    scrape: async (path = '/metrics') =>
      [...(await fastify.inject(path)).body.matchAll(/^m(?:_total|_count)?\{user="(\w+)"/gm)].map(([, user]) => user)
  }
}

t.test('expires an idle series after a scrape has exposed it', async t => {
  const { handles: { m }, wait, scrape } = await setUp(t, {
    m: { type: 'counter', help: 'M', name: 'm_total', labels: LABELS, expireAfter: 60 }
  })
  m.inc({ user: 'a' })
  const bound = m.labels({ user: 'b' })
  bound.inc()
  wait(3600)
  t.strictSame(await scrape(), ['a', 'b'], 'also after a long time without a scrape')
  wait(1)
  bound.inc()
  t.strictSame(await scrape(), ['b'], 'the other was exposed and idle for more than a minute')
  wait(61)
  t.strictSame(await scrape(), [])
  bound.inc()
  const { values } = await m.metric.get()
  t.match(values, [{ labels: { user: 'b' }, value: 1 }], 'a series that is recorded again starts at 0')
})

t.test('does not expire a series after a scrape of other metrics only', async t => {
  const { handles: { m }, wait, scrape } = await setUp(t, {
    m: { type: 'histogram', help: 'M', labels: LABELS, buckets: [1], expireAfter: 60 }
  })
  m.observe({ user: 'a' }, 1)
  wait(1)
  await scrape('/metrics?name[]=app_info')
  wait(3600)
  t.strictSame(await scrape(), ['a'])
  t.strictSame(await scrape(), [])
})

t.test('does not expire a series after a scrape that the client aborted', async t => {
  const { fastify, handles: { m }, wait, scrape } = await setUp(t, GAUGE)
  m.set({ user: 'a' }, 1)
  wait(1)
  const controller = new AbortController()
  registerMetric(fastify.metrics.registry, {
    name: 'last',
    help: 'L',
    type: 'gauge',
    get: async () => {
      controller.abort()
      return await new Promise(() => {})
    },
    reset () {}
  })
  const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
  await t.rejects(fetch(`${origin}/metrics`, { signal: controller.signal }))
  fastify.metrics.registry.removeSingleMetric('last')
  wait(3600)
  t.strictSame(await scrape(), ['a'])
  t.strictSame(await scrape(), [])
})

t.test('expires a series after the registry was read without a scrape', async t => {
  const { fastify, handles: { m }, wait, scrape } = await setUp(t, GAUGE)
  m.set({ user: 'a' }, 1)
  wait(1)
  await fastify.metrics.registry.metrics()
  wait(60)
  t.strictSame(await scrape(), [])
})

t.test('frees capacity under maxSeries when a series expires', async t => {
  const { handles: { m }, wait, scrape } = await setUp(t, GAUGE, { maxSeries: 1 })
  m.set({ user: 'a' }, 1)
  wait(1)
  await scrape()
  m.set({ user: 'b' }, 1)
  t.strictSame(await scrape(), ['a', '__overflow__'])
  wait(61)
  m.set({ user: 'c' }, 1)
  t.ok((await scrape()).includes('c'))
})

t.test('keeps a gauge that is counted up and down until it is 0, and sets listed series to 0', async t => {
  const { fastify, handles: { m, listed }, wait, scrape } = await setUp(t, {
    ...GAUGE,
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

import t from 'tap'
import Fastify from 'fastify'
import { Registry } from 'prom-client'
import { Business } from '../../lib/business/business.js'
import { resolveDefinitions } from '../../lib/business/resolve-definition.js'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import { join } from '../../lib/registry/join.js'
import type { NamedMetric } from '../../lib/registry/plugin-metric.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import type { HandlesOf, MetricDefinitions } from '../../lib/types/index.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { readSamples } from '../fixtures/samples.js'

const shop = {
  ordersTotal: {
    type: 'counter', help: 'Orders', labels: { status: ['ok', 'failed'], shop: [] }, defaults: { status: 'ok' }
  },
  visitsTotal: { type: 'counter', help: 'Visits', labels: { kind: ['new', 'old'] }, defaults: { kind: 'new' } },
  basketBytes: { type: 'histogram', help: 'Basket', buckets: [10, 100] },
  waitSeconds: { type: 'histogram', help: 'Wait' },
  queueLength: { type: 'gauge', help: 'Queue' }
} as const satisfies MetricDefinitions

function setUp<D extends MetricDefinitions> (definitions: D, maxSeries = 100) {
  const { logger, lines } = createCapturingLogger()
  const metricErrors = new MetricErrors('', new SafeLog(Fastify({ logger }).log))
  const metrics: NamedMetric[] = []
  const business = new Business({ enabled: true, maxSeries, metricErrors })
  const handles = business.define(resolveDefinitions(definitions, '', maxSeries), added => { metrics.push(...added) })
  const registry = new Registry()
  join(registry, [...metrics, ...metricErrors.metrics])
  return { handles: handles as unknown as HandlesOf<D>, metrics, registry, lines }
}

t.test('records valid calls', async t => {
  const { handles, registry, lines } = setUp(shop)
  handles.ordersTotal.inc({ shop: 'north' })
  handles.ordersTotal.inc({ shop: 'north', status: 'failed' }, 2)
  handles.visitsTotal.inc()
  handles.visitsTotal.inc(0)
  handles.visitsTotal.inc({ kind: 'old' }, 3)
  handles.basketBytes.observe(50)
  handles.queueLength.set(5)
  handles.queueLength.inc()
  handles.queueLength.dec(3)
  t.match(await readSamples(registry), {
    'orders_total{status="ok",shop="north"}': 1,
    'orders_total{status="failed",shop="north"}': 2,
    'visits_total{kind="new"}': 1,
    'visits_total{kind="old"}': 3,
    'basket_bytes_bucket{le="10"}': 0,
    'basket_bytes_bucket{le="100"}': 1,
    'basket_bytes_bucket{le="+Inf"}': 1,
    basket_bytes_sum: 50,
    basket_bytes_count: 1,
    queue_length: 3
  })
  t.strictSame(lines, [])
})

t.test('describes its metrics as prom-client does, and uses the same default buckets', async t => {
  const { handles, metrics } = setUp(shop)
  const { name, help, type, labelNames, aggregator } = handles.ordersTotal.metric
  t.strictSame({ name, help, type, labelNames, aggregator }, {
    name: 'orders_total', help: 'Orders', type: 'counter', labelNames: ['status', 'shop'], aggregator: 'sum'
  })
  t.strictSame([handles.basketBytes, handles.queueLength].map(({ metric }) => metric.type), ['histogram', 'gauge'])
  t.strictSame(metrics.map(({ name }) => name), [
    'orders_total', 'visits_total', 'basket_bytes', 'wait_seconds', 'queue_length'
  ])
  const { values } = await handles.waitSeconds.metric.get()
  t.strictSame(values.map(({ labels }) => labels['le']).filter(Boolean), [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, '+Inf'
  ])
})

t.test('does not throw for an invalid call, but logs it once, counts it and records nothing', async t => {
  const { handles, registry, lines } = setUp(shop)
  const before = await readSamples(registry)
  const call = handles as unknown as Record<string, Record<string, (...args: unknown[]) => unknown>>
  const invalidCalls: Record<string, Array<() => unknown>> = {
    orders_total: [
      () => call['ordersTotal']?.['inc']?.(),
      () => call['ordersTotal']?.['inc']?.({ shop: 'a' }, -1),
      () => call['ordersTotal']?.['inc']?.({ shop: 'a' }, NaN),
      () => call['ordersTotal']?.['inc']?.({ shop: 'a' }, '1'),
      () => call['ordersTotal']?.['inc']?.({ shop: 'a', status: 'lost' }),
      () => call['ordersTotal']?.['inc']?.({ shop: 'a', foo: 'b' }),
      () => call['ordersTotal']?.['inc']?.({ shop: Object.create(null) }),
      () => call['ordersTotal']?.['inc']?.({ get shop () { throw new Error('boom') } }),
      () => call['ordersTotal']?.['inc']?.(null),
      () => call['ordersTotal']?.['inc']?.(2, { shop: 'a' }),
      () => (call['ordersTotal']?.['labels']?.({ get shop () { throw new Error('boom') } }) as { inc (): void }).inc()
    ],
    basket_bytes: [
      () => call['basketBytes']?.['observe']?.(),
      () => call['basketBytes']?.['observe']?.(NaN),
      () => call['basketBytes']?.['observe']?.(Infinity),
      () => call['basketBytes']?.['observe']?.({ foo: 'x' }, 1),
      () => (call['basketBytes']?.['startTimer']?.({ get foo () { throw new Error('boom') } }) as () => void)(),
      () => (call['basketBytes']?.['startTimer']?.() as (labels: object) => void)({
        get foo () { throw new Error('boom') }
      }),
      () => call['basketBytes']?.['observe']?.(-1),
      () => call['basketBytes']?.['observe']?.(-Number.MIN_VALUE),
      () => call['basketBytes']?.['observe']?.(5n),
      () => call['basketBytes']?.['time']?.(),
      () => call['basketBytes']?.['time']?.({}, 'no function'),
      () => call['basketBytes']?.['time']?.(null, () => {}),
      () => call['basketBytes']?.['time']?.('x', () => {}),
      () => call['basketBytes']?.['time']?.(() => {}, { foo: 'x' }),
      () => (call['basketBytes']?.['labels']?.(5) as { time (fn: unknown): void }).time(() => {})
    ],
    queue_length: [
      () => call['queueLength']?.['set']?.(NaN),
      () => call['queueLength']?.['inc']?.('x'),
      () => call['queueLength']?.['dec']?.(-Infinity),
      () => call['queueLength']?.['inc']?.(Object(5)),
      () => call['queueLength']?.['set']?.([], 5),
      () => (call['queueLength']?.['labels']?.(null) as { set (value: number): void }).set(5)
    ]
  }
  for (const [name, calls] of Object.entries(invalidCalls)) {
    for (const invalidCall of calls) t.doesNotThrow(invalidCall, `${name} ${invalidCall}`)
  }
  const after = await readSamples(registry)
  for (const [name, calls] of Object.entries(invalidCalls)) {
    t.equal(after[`metrics_errors_total{metric="${name}"}`], calls.length, name)
  }
  const recorded = (all: Record<string, number>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('metrics_')))
  t.strictSame(recorded(after), recorded(before))
  const names = Object.keys(invalidCalls)
  t.match(lines, names.map(metric => ({ level: 40, metric, err: { code: 'DYNOAI_METRICS_ERR_CALL' } })))
  t.equal(lines.length, names.length)
})

t.test('records every call of a bound handle, and counts the invalid ones as errors', async t => {
  const { handles, registry } = setUp(shop)
  const labels = { shop: 'north' }
  const [orders, queue, baskets] = [
    handles.ordersTotal.labels(labels), handles.queueLength.labels({}), handles.basketBytes.labels({})
  ]
  for (let i = 0; i < 3; i++) {
    orders.inc(2)
    queue.inc(5)
    queue.dec(1)
    baskets.observe(50)
    baskets.startTimer()()
    baskets.time(() => {})
  }
  t.match(await readSamples(registry), {
    'orders_total{status="ok",shop="north"}': 6, queue_length: 12, basket_bytes_count: 9
  })
  for (let i = 0; i < 3; i++) queue.set(i)
  for (const value of [NaN, -Infinity]) {
    orders.inc(value)
    queue.set(value)
    queue.inc(value)
    queue.dec(value)
    baskets.observe(value)
  }
  t.match(await readSamples(registry), {
    'orders_total{status="ok",shop="north"}': 6,
    queue_length: 2,
    basket_bytes_count: 9,
    'metrics_errors_total{metric="orders_total"}': 2,
    'metrics_errors_total{metric="queue_length"}': 6,
    'metrics_errors_total{metric="basket_bytes"}': 2
  })
})

t.test('records timers under the labels of their start, of their end, or the defaults', async t => {
  const { handles, registry } = setUp({
    jobSeconds: { type: 'histogram', help: 'J', labels: { kind: ['a', 'b'] }, defaults: { kind: 'a' }, buckets: [100] }
  } as const)
  for (let i = 0; i < 3; i++) {
    handles.jobSeconds.startTimer()()
    handles.jobSeconds.startTimer({ kind: 'b' })()
    handles.jobSeconds.startTimer({ kind: 'b' })({ kind: 'a' })
  }
  const startTimer = handles.jobSeconds.startTimer as unknown as (labels: unknown) => () => void
  for (const labels of [null, 5, 'x', { kind: 'c' }]) startTimer(labels)()
  t.match(await readSamples(registry), {
    'job_seconds_count{kind="a"}': 6, 'job_seconds_count{kind="b"}': 3, 'metrics_errors_total{metric="job_seconds"}': 4
  })
})

t.test('rejects a value that would make a sum infinite', async t => {
  const { handles, registry } = setUp({
    aTotal: { type: 'counter', help: 'A' },
    bTotal: { type: 'counter', help: 'B', labels: { y: [], x: [] } },
    cBytes: { type: 'histogram', help: 'C', labels: { x: [] }, buckets: [1] },
    d: { type: 'gauge', help: 'D', labels: { y: [], x: [] } }
  } as const)
  const most = 1.7e308
  for (let i = 0; i < 3; i++) {
    handles.aTotal.inc(most)
    handles.bTotal.inc({ x: '1', y: '2' }, most)
    handles.bTotal.labels({ x: '2', y: '1' }).inc(1)
    handles.cBytes.observe({ x: '1' }, most)
    handles.d.inc({ x: 'up', y: '1' }, most)
    handles.d.dec({ x: 'down', y: '1' }, most)
    handles.d.set({ x: 'set', y: '1' }, most)
  }
  handles.d.inc({ x: 'down', y: '1' }, most)
  handles.d.inc({ x: 'down', y: '1' }, -0)
  const all = await readSamples(registry)
  t.match(all, {
    a_total: most,
    'b_total{y="2",x="1"}': most,
    'b_total{y="1",x="2"}': 3,
    'c_bytes_sum{x="1"}': most,
    'c_bytes_count{x="1"}': 1,
    'd{y="1",x="up"}': most,
    'd{y="1",x="down"}': 0,
    'd{y="1",x="set"}': most,
    'metrics_errors_total{metric="a_total"}': 2,
    'metrics_errors_total{metric="b_total"}': 2,
    'metrics_errors_total{metric="c_bytes"}': 2,
    'metrics_errors_total{metric="d"}': 4
  })
  registry.resetMetrics()
  handles.aTotal.inc(most)
  t.match(await readSamples(registry), { a_total: most, 'metrics_errors_total{metric="a_total"}': 0 }, 'after a reset')
})

t.test('supports labels with the names of properties that every object inherits', async t => {
  for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
    const { handles, registry } = setUp({
      freeTotal: { type: 'counter', help: 'F', labels: { [name]: [] } },
      listedTotal: { type: 'counter', help: 'L', labels: { [name]: ['a', 'b'] } },
      setTotal: { type: 'counter', help: 'S', labels: { [name]: [] }, defaults: { [name]: 'd' } }
    })
    const { freeTotal, listedTotal, setTotal } = handles as unknown as Record<string, { inc (labels?: object): void }>
    for (const counter of [freeTotal, listedTotal, setTotal]) {
      counter?.inc()
      counter?.inc({ [name]: 'a' })
    }
    t.strictSame(await readSamples(registry), {
      [`free_total{${name}="a"}`]: 1,
      [`listed_total{${name}="a"}`]: 1,
      [`listed_total{${name}="b"}`]: 0,
      [`set_total{${name}="a"}`]: 1,
      [`set_total{${name}="d"}`]: 1,
      'metrics_errors_total{metric="free_total"}': 1,
      'metrics_errors_total{metric="listed_total"}': 1,
      'metrics_errors_total{metric="set_total"}': 0,
      'metrics_overflow_total{metric="free_total"}': 0,
      'metrics_overflow_total{metric="set_total"}': 0
    }, name)
  }
})

t.test('supports metrics with the keys of properties that every object inherits', async t => {
  const keys = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON']
  const fastify = await createMeasuredFastify(t, {
    dynoai: false, metrics: Object.fromEntries(keys.map(key => [key, { type: 'gauge', help: 'G' }]))
  })
  const metrics = await (fastify.metrics as unknown as Promise<Record<string, { set (value: number): void }>>)
  t.equal(metrics, fastify.metrics, 'a handle is not a function, so the await ends')
  for (const key of keys) metrics[key]?.set(5)
  t.match(await readSamples(fastify.metrics.registry), {
    dynoai_constructor: 5, dynoai_to_string: 5, dynoai_has_own_property: 5, dynoai_then: 5
  })
})

t.test('starts series of listed values at 0, also after a reset, and removes series of free values', async t => {
  const { handles, registry } = setUp(shop)
  const start = await readSamples(registry)
  t.match(start, {
    'visits_total{kind="new"}': 0, 'visits_total{kind="old"}': 0, basket_bytes_count: 0, queue_length: 0
  })
  t.notOk(Object.keys(start).some(name => name.startsWith('orders_total')))
  t.match(start, {
    'metrics_errors_total{metric="orders_total"}': 0,
    'metrics_errors_total{metric="queue_length"}': 0,
    'metrics_overflow_total{metric="orders_total"}': 0
  })
  t.notOk('metrics_overflow_total{metric="visits_total"}' in start, 'a metric that cannot overflow has no such series')
  handles.ordersTotal.inc({ shop: 'a' })
  handles.visitsTotal.inc()
  handles.basketBytes.observe(1)
  handles.queueLength.inc()
  registry.resetMetrics()
  t.strictSame(await readSamples(registry), start)
})

t.test('records values beyond maxSeries in one overflow series, counts them and logs once', async t => {
  const { handles, registry, lines } = setUp(
    { hitsTotal: { type: 'counter', help: 'Hits', labels: { page: [] } } } as const, 2
  )
  for (const page of ['a', 'b', 'c', 'd', 'a']) handles.hitsTotal.inc({ page })
  t.strictSame(await readSamples(registry), {
    'hits_total{page="a"}': 2,
    'hits_total{page="b"}': 1,
    'hits_total{page="__overflow__"}': 2,
    'metrics_errors_total{metric="hits_total"}': 0,
    'metrics_overflow_total{metric="hits_total"}': 2
  })
  t.match(lines, [{ metric: 'hits_total', msg: /too many series/ }])
  registry.resetMetrics()
  handles.hitsTotal.inc({ page: 'c' })
  t.match(await readSamples(registry), { 'hits_total{page="c"}': 1 }, 'a reset frees capacity')
})

t.test('escapes free label values', async t => {
  const { handles, registry } = setUp({ hitsTotal: { type: 'counter', help: 'Hits', labels: { page: [] } } } as const)
  handles.hitsTotal.inc({ page: 'a"b\\c\nd' })
  handles.hitsTotal.inc({ page: ['x"} 1\nforged 1'] as unknown as string })
  t.strictSame(await readSamples(registry, 'hits'), {
    'hits_total{page="a\\"b\\\\c\\nd"}': 1, 'hits_total{page="x\\"} 1\\nforged 1"}': 1
  })
})

t.test('calls collect for every scrape, and leaves out only its sample when it fails', async t => {
  const results: Array<() => number | Promise<number>> = [
    () => 1,
    async () => 2,
    () => { throw new Error('boom') },
    async () => { throw new Error('bang') },
    () => NaN,
    () => 3
  ]
  const { registry, lines } = setUp({
    queueLength: { type: 'gauge', help: 'Queue', collect: () => results.shift()?.() ?? 0 }
  })
  for (const expected of [1, 2, undefined, undefined, undefined, 3]) {
    t.equal((await readSamples(registry))['queue_length'], expected)
  }
  t.match(await readSamples(registry), { 'metrics_errors_total{metric="queue_length"}': 3 })
  t.match(lines, [{ metric: 'queue_length', err: { message: 'boom' } }])
  t.equal(lines.length, 1)
})

t.test('ignores every call while disabled', async t => {
  let collected = 0
  const definitions = {
    ...shop, size: { type: 'gauge', help: 'Size', collect: () => { collected++; return 1 } }
  } as const
  const metricErrors = new MetricErrors('', new SafeLog(Fastify({ logger: false }).log))
  const business = new Business({ enabled: false, maxSeries: 100, metricErrors })
  const resolved = resolveDefinitions(definitions, '', 100)
  const handles = business.define(resolved, () => {}) as unknown as HandlesOf<typeof definitions>
  t.equal(business.define(resolved, () => {})['ordersTotal'], handles.ordersTotal)
  handles.ordersTotal.inc({ shop: 'a' })
  handles.ordersTotal.labels({ shop: 'a' }).inc()
  handles.visitsTotal.inc()
  handles.basketBytes.observe(5)
  handles.queueLength.set(5)
  handles.queueLength.remove()
  t.equal(handles.basketBytes.time(() => 'result'), 'result')
  t.type(handles.basketBytes.startTimer()(), 'number')
  t.ok((await handles.visitsTotal.metric.get()).values.every(({ value }) => value === 0))
  t.strictSame((await handles.ordersTotal.metric.get()).values, [])
  t.ok((await handles.basketBytes.metric.get()).values.every(({ value }) => value === 0))
  await handles.size.metric.get()
  t.equal(collected, 0)
})

import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { Counter, Registry } from 'prom-client'
import type { MetricDefinitions, RegistryMetric } from '../../lib/types/index.js'
import { createFastify, createMeasuredFastify } from '../fixtures/app.js'
import { registerMetric } from '../fixtures/register-metric.js'
import { readSamples } from '../fixtures/samples.js'
import { dynoaiMetrics } from '../../lib/plugin.js'

const shop = {
  ordersTotal: {
    type: 'counter', help: 'Orders', labels: { status: ['ok', 'failed'], shop: [] }, defaults: { status: 'ok' }
  },
  basketBytes: { type: 'histogram', help: 'Basket', buckets: [10, 100] },
  queueLength: { type: 'gauge', help: 'Queue' }
} as const satisfies MetricDefinitions

const copyOf = (definitions: MetricDefinitions): typeof shop => structuredClone(definitions) as typeof shop

t.test('returns handles that record, also in a child scope, after ready and when detached', async t => {
  const fastify = await createMeasuredFastify(t, { dynoai: false, metricPrefix: 'shop', defaultLabels: { pod: 'p' } })
  await fastify.register(async child => {
    const { ordersTotal } = child.metrics.define({
      ordersTotal: { type: 'counter', help: 'Orders', labels: { shop: [] } }
    })
    child.get('/orders', async () => { ordersTotal.inc({ shop: 'north' }) })
  })
  await fastify.ready()
  const { define } = fastify.metrics
  const { queueLength } = define({ queueLength: { type: 'gauge', help: 'Queue' } })
  queueLength.set(3)
  await fastify.inject('/orders')
  t.match(await readSamples(fastify.metrics.registry, 'shop_'), {
    'shop_orders_total{shop="north",pod="p"}': 1,
    'shop_queue_length{pod="p"}': 3,
    'shop_metrics_errors_total{metric="shop_queue_length",pod="p"}': 0
  })
  const { body } = await fastify.inject('/metrics')
  t.match(body, 'shop_orders_total{shop="north",pod="p"} 1\n')
  t.notOk('ordersTotal' in fastify.metrics, 'nothing is added to fastify.metrics')
})

t.test('returns the same handle for the same definition under the same key', async t => {
  const fastify = await createMeasuredFastify(t, { metrics: { ordersTotal: shop.ordersTotal } })
  const first = fastify.metrics.define(shop)
  const second = fastify.metrics.define(copyOf(shop))
  for (const key of Object.keys(shop) as Array<keyof typeof shop>) t.equal(second[key], first[key], key)
  t.equal(first.ordersTotal, (fastify.metrics as unknown as typeof first).ordersTotal, 'as the option')
  const again = fastify.metrics.define({
    activeSessions: { type: 'gauge', help: 'Tuning sessions that are open now' }
  })
  t.equal(again.activeSessions, fastify.metrics.activeSessions)
})

t.test('rejects another definition under the same key, and names both metrics', async t => {
  const fastify = await createMeasuredFastify(t)
  fastify.metrics.define(shop)
  const others: ReadonlyArray<readonly [field: string, definition: object]> = [
    ['type', { type: 'gauge', help: 'Orders' }],
    ['help', { ...shop.ordersTotal, help: 'Others' }],
    ['name', { ...shop.ordersTotal, name: 'other_orders_total' }],
    ['labels', { ...shop.ordersTotal, labels: { status: ['ok'], shop: [] } }],
    ['defaults', { ...shop.ordersTotal, defaults: {} }],
    ['expireAfter', { ...shop.ordersTotal, expireAfter: 5 }]
  ]
  for (const [field, definition] of others) {
    t.throws(() => fastify.metrics.define({ ordersTotal: definition as typeof shop.ordersTotal }), {
      code: 'DYNOAI_METRICS_ERR_DEFINITION',
      message: /'(dynoai|other)_orders(_total)?' .*'ordersTotal' .*'dynoai_orders_total'/
    }, field)
  }
  const load = { type: 'gauge', help: 'Load' } as const
  const { load: handle } = fastify.metrics.define({ load })
  t.equal(fastify.metrics.define({ load: { ...load, aggregator: 'sum' } }).load, handle, 'the default')
  t.throws(() => fastify.metrics.define({ load: { ...load, aggregator: 'max' } }), {
    message: /where 'aggregator' is the string "sum"\. .*"max"/
  })
  const defineCollected = () => fastify.metrics.define({ size: { type: 'gauge', help: 'Size', collect: () => 1 } })
  defineCollected()
  t.throws(defineCollected, { message: /where 'collect' is another function/ }, 'each call makes another function')
})

t.test('rejects invalid definitions, and then defines none of them', async t => {
  const fastify = await createMeasuredFastify(t, { defaultLabels: { pod: 'p' } })
  const { define, registry } = fastify.metrics
  const before = Object.keys(await readSamples(registry))
  const loose = define as (definitions: unknown) => unknown
  const wrong: ReadonlyArray<readonly [code: string, definitions: unknown]> = [
    ['DEFINITION', undefined], ['DEFINITION', null], ['DEFINITION', 'x'], ['DEFINITION', []],
    ['DEFINITION', { ...shop, orders: { type: 'counter', help: 'No total' } }],
    ['DEFINITION', { ...shop, define: { type: 'gauge', help: 'Reserved' } }],
    ['NAME_TAKEN', { ...shop, other: { type: 'gauge', help: 'Taken', name: 'dynoai_active_sessions' } }],
    ['NAME_TAKEN', { ...shop, other: { type: 'gauge', help: 'Twice', name: 'dynoai_basket_bytes_sum' } }],
    ['LABEL_TAKEN', { ...shop, other: { type: 'gauge', help: 'Label', labels: { pod: [] } } }]
  ]
  for (const [code, definitions] of wrong) t.throws(() => loose(definitions), { code: `DYNOAI_METRICS_ERR_${code}` })
  t.throws(() => loose(5), { message: 'define() needs an object of definitions. Received: a number, not shown' })
  t.strictSame(Object.keys(await readSamples(registry)), before)
  t.doesNotThrow(() => { define(shop).queueLength.set(1) }, 'the keys are still free')
})

t.test('checks default labels also where a registry does not show them', async t => {
  const registry = new Registry()
  const externalRegistry = {
    contentType: registry.contentType,
    metrics: async () => await registry.metrics(),
    getMetricsAsArray: () => registry.getMetricsAsArray(),
    getSingleMetric: (name: string) => registry.getSingleMetric(name),
    registerMetric: (metric: RegistryMetric) => { registerMetric(registry, metric) },
    setDefaultLabels: (labels: object) => { registry.setDefaultLabels(labels) }
  }
  const fastify = await createMeasuredFastify(t, { registry: externalRegistry, defaultLabels: { pod: 'p' } })
  t.throws(() => fastify.metrics.define({ size: { type: 'gauge', help: 'S', labels: { pod: [] } } }), {
    code: 'DYNOAI_METRICS_ERR_LABEL_TAKEN'
  })
})

t.test('reserves the keys of the DynoAI metrics only while these are enabled', async t => {
  const definition = { fileUploadBytes: { type: 'histogram', help: 'Mine', buckets: [1] } } as const
  const withoutDynoai = await createMeasuredFastify(t, { dynoai: false, uploads: false })
  withoutDynoai.metrics.define(definition).fileUploadBytes.observe(1)
  t.match(await readSamples(withoutDynoai.metrics.registry), { dynoai_file_upload_bytes_count: 1 })
  const withDynoai = await createMeasuredFastify(t)
  t.throws(() => withDynoai.metrics.define(definition), { code: 'DYNOAI_METRICS_ERR_DEFINITION' })
})

t.test('allows a plugin that defines a collect function to be registered twice', async t => {
  const definitions = { size: { type: 'gauge', help: 'S', collect: () => 5 } } as const
  const fastify = await createMeasuredFastify(t, { dynoai: false })
  const feature = async (child: FastifyInstance): Promise<void> => { child.metrics.define(definitions) }
  for (const prefix of ['/v1', '/v2']) await fastify.register(feature, { prefix })
  t.match(await readSamples(fastify.metrics.registry), { dynoai_size: 5 })
})

t.test('checks names also where the registry has shortened them for OpenMetrics', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  const external = new Counter({ name: 'dynoai_theirs_total', help: 'T', registers: [registry] })
  const fastify = await createMeasuredFastify(t, { registry, metrics: { oursTotal: { type: 'counter', help: 'O' } } })
  await registry.metrics()
  const { define } = fastify.metrics
  const first = { type: 'gauge', help: 'F' } as const
  for (const name of ['dynoai_theirs_total', 'dynoai_ours_total']) {
    t.throws(() => define({ first, second: { type: 'counter', help: 'S', name } }), {
      code: 'DYNOAI_METRICS_ERR_NAME_TAKEN'
    }, name)
    t.equal(registry.getSingleMetric('dynoai_first'), undefined, 'nothing is added')
  }
  t.doesNotThrow(() => define({ ours: first, theirs: first }), 'the shortened names are free')
  t.equal(registry.getSingleMetric('dynoai_theirs_total'), external)
})

t.test('adds no metric of a definition when the registry rejects one', async t => {
  const registry = new Registry()
  const fastify = await createMeasuredFastify(t, { registry })
  const { registerMetric } = registry
  registry.registerMetric = metric => {
    if ((metric as unknown as { readonly name: string }).name === 'dynoai_second') throw new Error('refused')
    registerMetric.call(registry, metric)
  }
  const definitions = { first: { type: 'gauge', help: 'F' }, second: { type: 'gauge', help: 'S' } } as const
  t.throws(() => fastify.metrics.define(definitions), { message: 'refused' })
  t.equal(registry.getSingleMetric('dynoai_first'), undefined)
  registry.registerMetric = registerMetric
  t.doesNotThrow(() => fastify.metrics.define(definitions))
})

t.test('rejects a definition with the labels in another order', async t => {
  const fastify = await createMeasuredFastify(t)
  const define = (labels: Readonly<Record<string, readonly string[]>>) => fastify.metrics.define({
    sold: { type: 'gauge', help: 'S', labels }
  })
  define({ a: [], b: [] })
  t.doesNotThrow(() => define({ a: [], b: [] }))
  t.throws(() => define({ b: [], a: [] }), {
    message: /'dynoai_sold' has the key 'sold' of the metric 'dynoai_sold', where 'labels' is /
  })
})

t.test('checks definitions while disabled, and returns handles that do nothing', async t => {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { enabled: false, defaultLabels: { pod: 'p' } })
  const { define, registry } = fastify.metrics
  const wrong: ReadonlyArray<readonly [code: string, definitions: MetricDefinitions]> = [
    ['DEFINITION', { analysisTotal: { type: 'counter', help: 'Other' } }],
    ['NAME_TAKEN', { other: { type: 'gauge', help: 'O', name: 'dynoai_active_sessions' } }],
    ['NAME_TAKEN', { one: { type: 'gauge', help: 'O', name: 'dup' }, two: { type: 'gauge', help: 'T', name: 'dup' } }],
    ['LABEL_TAKEN', { other: { type: 'gauge', help: 'O', labels: { pod: [] } } }]
  ]
  for (const [code, definitions] of wrong) t.throws(() => define(definitions), { code: `DYNOAI_METRICS_ERR_${code}` })
  const { ordersTotal, basketBytes } = define(shop)
  ordersTotal.inc({ shop: 'a' })
  ordersTotal.remove({ shop: 'a' })
  t.equal(basketBytes.time(() => 'result'), 'result')
  t.equal(define(copyOf(shop)).ordersTotal, ordersTotal)
  t.throws(() => define({ ordersTotal: { type: 'gauge', help: 'Other' } }), { code: 'DYNOAI_METRICS_ERR_DEFINITION' })
  t.equal(await registry.metrics(), '\n')
})

import t from 'tap'
import { dynoaiDefinitions } from '../../lib/dynoai/definitions.js'
import { listedCombinations, resolveDefinitions } from '../../lib/business/resolve-definition.js'
import type { MetricDefinitions } from '../../lib/types/index.js'

const resolve = (definitions: object, maxSeries = 2000) =>
  resolveDefinitions(definitions as MetricDefinitions, 'shop_', maxSeries)

t.test('fills in the name and every default', async t => {
  const collect = () => 1
  t.strictSame(resolve({
    ordersTotal: {
      type: 'counter',
      help: 'Orders',
      labels: { status: ['ok', 'failed'], shop: [] },
      defaults: { status: 'ok', shop: 'main' },
      expireAfter: 60
    },
    basketBytes: { type: 'histogram', help: 'Basket', buckets: [0, 0.5, 10] },
    queueLength: { type: 'gauge', help: 'Queue', name: 'their_queue', collect, aggregator: 'max' }
  }), [
    {
      key: 'ordersTotal',
      name: 'shop_orders_total',
      type: 'counter',
      help: 'Orders',
      labels: { status: ['ok', 'failed'], shop: [] },
      defaults: { status: 'ok', shop: 'main' },
      buckets: undefined,
      collect: undefined,
      aggregator: 'sum',
      expireAfter: 60
    },
    {
      key: 'basketBytes',
      name: 'shop_basket_bytes',
      type: 'histogram',
      help: 'Basket',
      labels: {},
      defaults: {},
      buckets: [0, 0.5, 10],
      collect: undefined,
      aggregator: 'sum',
      expireAfter: undefined
    },
    {
      key: 'queueLength',
      name: 'their_queue',
      type: 'gauge',
      help: 'Queue',
      labels: {},
      defaults: {},
      buckets: undefined,
      collect,
      aggregator: 'max',
      expireAfter: undefined
    }
  ])
})

t.test('copies the definitions, so later changes of them have no effect', async t => {
  const given = { ordersTotal: { type: 'counter', help: 'Orders', labels: { status: ['ok'] } } }
  const resolved = resolve(given)
  given.ordersTotal.labels.status.push('failed')
  t.strictSame(resolved[0]?.labels, { status: ['ok'] })
})

t.test('rejects an invalid definition and names its metric', async t => {
  const counter = { type: 'counter', help: 'Orders' }
  const histogram = { type: 'histogram', help: 'Orders' }
  const gauge = { type: 'gauge', help: 'Orders' }
  type Case = readonly [name: string, problem: RegExp, key: string, definition: unknown, maxSeries?: number]
  const cases: readonly Case[] = [
    ['registry', /another property/, 'registry', gauge],
    ['enabled', /another property/, 'enabled', gauge],
    ['timeAnalysis', /another property/, 'timeAnalysis', gauge],
    ['recordException', /another property/, 'recordException', gauge],
    ['define', /another property/, 'define', gauge],
    ['address', /another property/, 'address', gauge],
    ['__proto__', /another property/, '__proto__', gauge],
    ['orders', /an object/, 'orders', 'counter'],
    ['orders', /an object/, 'orders', null],
    ['orders', /a type of counter, gauge, histogram/, 'orders', { type: 'summary', help: 'x' }],
    ['orders', /a type of/, 'orders', { type: 'toString', help: 'x' }],
    ['orders', /a type of/, 'orders', {}],
    ['shop_orders', /must end in '_total'/, 'orders', counter],
    ['orders_count', /must end in '_total'/, 'ordersTotal', { ...counter, name: 'orders_count' }],
    ['9lives_total', /invalid or reserved name/, 'ordersTotal', { ...counter, name: '9lives_total' }],
    ['__orders_total', /invalid or reserved name/, 'ordersTotal', { ...counter, name: '__orders_total' }],
    ['5', /invalid or reserved name/, 'ordersTotal', { ...counter, name: 5 }],
    ['shop_orders-total', /invalid or reserved name/, 'orders-total', counter],
    ['shop_orders_total', /help/, 'ordersTotal', { type: 'counter' }],
    ['shop_orders_total', /help/, 'ordersTotal', { type: 'counter', help: '' }],
    ['shop_orders_total', /accepts only/, 'ordersTotal', { ...counter, buckets: [1] }],
    ['shop_orders_total', /accepts only/, 'ordersTotal', { ...counter, collect: () => 1 }],
    ['shop_orders', /accepts only/, 'orders', { ...histogram, labelNames: ['a'] }],
    ['shop_orders', /buckets/, 'orders', { ...histogram, buckets: [2, 1] }],
    ['shop_orders', /buckets/, 'orders', { ...histogram, buckets: [1, 1] }],
    ['shop_orders', /buckets/, 'orders', { ...histogram, buckets: [-1, 1] }],
    ['shop_orders', /buckets/, 'orders', { ...histogram, buckets: [1, Infinity] }],
    ['shop_orders', /buckets/, 'orders', { ...histogram, buckets: ['1'] }],
    ['shop_orders', /buckets/, 'orders', { ...histogram, buckets: [] }],
    ['shop_orders', /buckets/, 'orders', { ...histogram, buckets: 5 }],
    ['shop_orders', /object of labels/, 'orders', { ...gauge, labels: 'a' }],
    ['shop_orders', /object of labels/, 'orders', { ...gauge, labels: null }],
    ['shop_orders', /object of labels/, 'orders', { ...gauge, labels: [] }],
    ['shop_orders', /invalid or reserved label/, 'orders', { ...gauge, labels: { le: [] } }],
    ['shop_orders', /invalid or reserved label/, 'orders', { ...gauge, labels: { __name__: [] } }],
    ['shop_orders', /invalid or reserved label/, 'orders', { ...gauge, labels: { 'a-b': [] } }],
    ['shop_orders', /values of the label 'a'/, 'orders', { ...gauge, labels: { a: 'x' } }],
    ['shop_orders', /values of the label 'a'/, 'orders', { ...gauge, labels: { a: [1] } }],
    ['shop_orders', /label 'a' twice/, 'orders', { ...gauge, labels: { a: ['x', 'x'] } }],
    ['shop_orders', /object of defaults/, 'orders', { ...gauge, defaults: 'x' }],
    ['shop_orders', /object of defaults/, 'orders', { ...gauge, defaults: null }],
    ['shop_orders', /object of defaults/, 'orders', { ...gauge, defaults: [] }],
    ['shop_orders', /does not have/, 'orders', { ...gauge, defaults: { a: 'x' } }],
    ['shop_orders', /does not have/, 'orders', { ...gauge, labels: { a: [] }, defaults: { toString: 'x' } }],
    ['shop_orders', /default of the label 'a'/, 'orders', { ...gauge, labels: { a: [] }, defaults: { a: 1 } }],
    ['shop_orders', /not one of its values/, 'orders', { ...gauge, labels: { a: ['x'] }, defaults: { a: 'y' } }],
    ['shop_orders', /more than 256 characters/, 'orders', { ...gauge, labels: { a: ['x', 'x'.repeat(257)] } }],
    ['shop_orders', /default of the label 'a' of more than 256 characters/, 'orders', {
      ...gauge, labels: { a: [] }, defaults: { a: 'x'.repeat(257) }
    }],
    ['shop_orders', /function as collect/, 'orders', { ...gauge, collect: 5 }],
    ...[0, -1, NaN, Infinity, '60', null].map(expireAfter =>
      ['shop_orders', /seconds above 0 as expireAfter/, 'orders', { ...gauge, expireAfter }] as const),
    ...['total', 'SUM', '', null, 1, ['sum']].map(aggregator => [
      'shop_orders', /an aggregator of sum, first, min, max, average, omit/, 'orders', { ...gauge, aggregator }
    ] as const),
    ['shop_orders_total', /accepts only/, 'ordersTotal', { ...counter, aggregator: 'sum' }],
    ['shop_orders', /accepts only/, 'orders', { ...histogram, aggregator: 'sum' }],
    ['shop_orders', /leave expireAfter out/, 'orders', { ...gauge, collect: () => 1, expireAfter: 60 }],
    [
      'shop_orders', /more listed combinations .*maxSeries \(3\)/, 'orders',
      { ...gauge, labels: { a: ['x', 'y'], b: ['x', 'y'] } }, 3
    ],
    [
      'shop_orders', /more listed combinations/, 'orders',
      { ...gauge, labels: { a: ['x', 'y'], b: ['x', 'y'], free: [] } }, 3
    ]
  ]
  for (const [name, problem, key, definition, maxSeries] of cases) {
    t.throws(() => resolve(Object.fromEntries([[key, definition]]), maxSeries), {
      code: 'DYNOAI_METRICS_ERR_DEFINITION',
      message: new RegExp(`^The metric '${name}' .*${problem.source}.*Received: `, 's')
    }, `${name} ${problem.source}`)
  }
})

t.test('reads every property once, including inherited ones, and rejects arrays with holes', async t => {
  let reads = 0
  const inherited = {
    help: 'Orders', labels: Object.create({ status: ['ok'] }), defaults: Object.create({ status: 'ok' })
  }
  const definition = Object.create(inherited, { type: { get: () => ++reads === 1 ? 'counter' : 'gauge' } })
  t.match(resolve({ ordersTotal: definition }), [
    { type: 'counter', help: 'Orders', labels: { status: ['ok'] }, defaults: { status: 'ok' } }
  ])
  const gauge = { type: 'gauge', help: 'x' }
  const invalid = [
    Object.create({ ...gauge, helpp: 'x' }),
    { ...gauge, labels: Object.create({ le: [] }) },
    { ...gauge, defaults: Object.create({ a: 'x' }) },
    { ...gauge, labels: { a: Object.assign(['x'], { length: 2 }) } },
    { ...gauge, type: 'histogram', buckets: Object.assign([1], { length: 2 }) }
  ]
  for (const definition of invalid) {
    t.throws(() => resolve({ orders: definition }), { code: 'DYNOAI_METRICS_ERR_DEFINITION' })
  }
  t.throws(() => resolve({ bearerToken: 's3cret' }), { message: /^(?!.*s3cret).*not shown/ }, 'hides a possible secret')
})

t.test('allows as many listed combinations as maxSeries', async t => {
  t.equal(resolve({ orders: { type: 'gauge', help: 'x', labels: { a: ['x', 'y'], b: ['x', 'y'] } } }, 4).length, 1)
})

t.test('counts the combinations of listed values', async t => {
  t.equal(listedCombinations([]), 1)
  t.equal(listedCombinations([['x', 'y'], ['x', 'y', 'z']]), 6)
  t.equal(listedCombinations([['x', 'y'], []]), 0)
})

t.test('defines the DynoAI metrics as documented in docs/metrics.md', async t => {
  const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
  const definitions = resolveDefinitions(dynoaiDefinitions, 'dynoai_', 2000)
    .map(({ key, name, type, labels, defaults, buckets }) => ({ key, name, type, labels, defaults, buckets }))
  const expected = [
    {
      key: 'analysisTotal',
      name: 'dynoai_analysis_total',
      type: 'counter',
      labels: { status: ['success', 'error'], source: ['upload', 'jetstream', 'simulator'] },
      defaults: { status: 'success', source: 'upload' }
    },
    {
      key: 'analysisDurationSeconds',
      name: 'dynoai_analysis_duration_seconds',
      type: 'histogram',
      labels: { status: ['success', 'error'], source: ['upload', 'jetstream', 'simulator'] },
      defaults: { status: 'success', source: 'upload' },
      buckets: seconds
    },
    {
      key: 'veCorrectionsCount',
      name: 'dynoai_ve_corrections_count',
      type: 'histogram',
      buckets: [0, 1, 2, 5, 10, 20, 30, 40, 50, 55, 100, 500, 1000]
    },
    {
      key: 'veCorrectionsMagnitudePercent',
      name: 'dynoai_ve_corrections_magnitude_percent',
      type: 'histogram',
      buckets: [0.5, 1, 2, 5, 7, 10, 15]
    },
    {
      key: 'jetstreamRunsTotal',
      name: 'dynoai_jetstream_runs_total',
      type: 'counter',
      labels: { status: ['pending', 'downloading', 'converting', 'validating', 'processing', 'complete', 'error'] },
      defaults: { status: 'complete' }
    },
    {
      key: 'jetstreamPollDurationSeconds',
      name: 'dynoai_jetstream_poll_duration_seconds',
      type: 'histogram',
      labels: { status: ['success', 'error'] },
      defaults: { status: 'success' },
      buckets: [0.1, 0.5, 1, 2, 5, 10]
    },
    {
      key: 'virtualTuningSessionsTotal',
      name: 'dynoai_virtual_tuning_sessions_total',
      type: 'counter',
      labels: { status: ['running', 'converged', 'failed', 'stopped', 'max_iterations'] },
      defaults: { status: 'converged' }
    },
    {
      key: 'virtualTuningIterations',
      name: 'dynoai_virtual_tuning_iterations',
      type: 'histogram',
      buckets: [1, 2, 3, 5, 7, 10, 15, 20]
    },
    {
      key: 'fileUploadBytes',
      name: 'dynoai_file_upload_bytes',
      type: 'histogram',
      buckets: [1024, 10240, 102400, 1048576, 10485760, 52428800]
    },
    { key: 'activeSessions', name: 'dynoai_active_sessions', type: 'gauge' }
  ]
  t.strictSame(definitions, expected.map(row => ({ labels: {}, defaults: {}, buckets: undefined, ...row })))
})

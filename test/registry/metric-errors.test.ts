import t from 'tap'
import Fastify from 'fastify'
import { Registry } from 'prom-client'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import { join } from '../../lib/registry/join.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { readSamples } from '../fixtures/samples.js'

function setUp () {
  const { logger, lines } = createCapturingLogger()
  const metricErrors = new MetricErrors('shop_', new SafeLog(Fastify({ logger }).log))
  const registry = new Registry()
  join(registry, metricErrors.metrics)
  return { lines, metricErrors, registry }
}

t.test('counts every error, and logs the first of each metric at level warn', async t => {
  const { lines, metricErrors, registry } = setUp()
  for (let i = 0; i < 3; i++) metricErrors.countError('shop_a_total', new Error(`boom ${i}`))
  metricErrors.countError('shop_b', new Error('bang'))
  t.match(lines, [
    { level: 40, metric: 'shop_a_total', err: { message: 'boom 0' }, msg: /not recorded/ },
    { level: 40, metric: 'shop_b', err: { message: 'bang' } }
  ])
  t.equal(lines.length, 2)
  t.strictSame(await readSamples(registry), {
    'shop_metrics_errors_total{metric="shop_a_total"}': 3,
    'shop_metrics_errors_total{metric="shop_b"}': 1
  })
})

t.test('counts every overflow, and logs the first of each metric and reason separately from its errors', async t => {
  const { lines, metricErrors, registry } = setUp()
  metricErrors.countError('shop_a_total', new Error('boom'))
  for (const reason of ['series', 'length', 'series', 'length'] as const) {
    metricErrors.countOverflow('shop_a_total', reason)
  }
  t.match(lines, [
    { msg: /not recorded/ },
    { level: 40, metric: 'shop_a_total', msg: /too many series/ },
    { level: 40, metric: 'shop_a_total', msg: /longer than 256 characters/ }
  ])
  t.equal(lines.length, 3)
  t.match(await readSamples(registry), { 'shop_metrics_overflow_total{metric="shop_a_total"}': 4 })
})

t.test('counts and logs names beyond the limit, and long names, as one', async t => {
  const { lines, metricErrors, registry } = setUp()
  metricErrors.countError('x'.repeat(256), new Error('boom'))
  metricErrors.countError('x'.repeat(257), new Error('boom'))
  for (let i = 0; i < 2000; i++) metricErrors.countError(`name_${i}`, new Error('boom'))
  metricErrors.addSeries('late', { canOverflow: false })
  metricErrors.countError('late', new Error('boom'))
  const series = Object.entries(await readSamples(registry))
  t.equal(series.length, 1002)
  t.equal(series.find(([name]) => name.includes('"__overflow__"'))?.[1], 2 + 2000 - 1000)
  t.equal(series.find(([name]) => name.includes('"name_998"'))?.[1], 1)
  t.equal(series.find(([name]) => name.includes('"late"'))?.[1], 1)
  t.equal(lines.length, 1002)
})

t.test('exposes a series of 0 for every watched metric, also after a reset', async t => {
  const { metricErrors, registry } = setUp()
  metricErrors.addSeries('shop_a_total', { canOverflow: true })
  metricErrors.addSeries('shop_b', { canOverflow: false })
  const zero = {
    'shop_metrics_errors_total{metric="shop_a_total"}': 0,
    'shop_metrics_errors_total{metric="shop_b"}': 0,
    'shop_metrics_overflow_total{metric="shop_a_total"}': 0
  }
  t.strictSame(await readSamples(registry), zero)
  metricErrors.countError('shop_b', new Error('boom'))
  registry.resetMetrics()
  t.strictSame(await readSamples(registry), zero)
})

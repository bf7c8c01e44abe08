import t from 'tap'
import Fastify from 'fastify'
import { Registry } from 'prom-client'
import { Mistakes } from '../../lib/registry/mistakes.js'
import { join } from '../../lib/registry/registry.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import { capturingLogger } from '../fixtures/logger.js'
import { samples } from '../fixtures/samples.js'

function setUp () {
  const { logger, lines } = capturingLogger()
  const mistakes = new Mistakes('shop_', new SafeLog(Fastify({ logger }).log))
  const registry = new Registry()
  join(registry, mistakes.metrics)
  return { lines, mistakes, registry }
}

t.test('counts every mistake and logs the first of each metric at warn', async t => {
  const { lines, mistakes, registry } = setUp()
  for (let i = 0; i < 3; i++) mistakes.error('shop_a_total', new Error(`boom ${i}`))
  mistakes.error('shop_b', new Error('bang'))
  t.match(lines, [
    { level: 40, metric: 'shop_a_total', err: { message: 'boom 0' }, msg: /not recorded/ },
    { level: 40, metric: 'shop_b', err: { message: 'bang' } }
  ])
  t.equal(lines.length, 2)
  t.strictSame(await samples(registry), {
    'shop_metrics_errors_total{metric="shop_a_total"}': 3,
    'shop_metrics_errors_total{metric="shop_b"}': 1
  })
})

t.test('counts every overflow and logs the first of each metric and reason, apart from its mistakes', async t => {
  const { lines, mistakes, registry } = setUp()
  mistakes.error('shop_a_total', new Error('boom'))
  for (const reason of ['series', 'length', 'series', 'length'] as const) mistakes.overflow('shop_a_total', reason)
  t.match(lines, [
    { msg: /not recorded/ }, { level: 40, metric: 'shop_a_total', msg: /too many series/ }, { level: 40, metric: 'shop_a_total', msg: /longer than 256 characters/ }
  ])
  t.equal(lines.length, 3)
  t.match(await samples(registry), { 'shop_metrics_overflow_total{metric="shop_a_total"}': 4 })
})

t.test('counts and logs further names, and long ones, together', async t => {
  const { lines, mistakes, registry } = setUp()
  mistakes.error('x'.repeat(256), new Error('boom'))
  mistakes.error('x'.repeat(257), new Error('boom'))
  for (let i = 0; i < 2000; i++) mistakes.error(`name_${i}`, new Error('boom'))
  mistakes.watch('late', { canOverflow: false })
  mistakes.error('late', new Error('boom'))
  const series = Object.entries(await samples(registry))
  t.equal(series.length, 1002)
  t.equal(series.find(([name]) => name.includes('"__overflow__"'))?.[1], 2 + 2000 - 1000)
  t.equal(series.find(([name]) => name.includes('"name_998"'))?.[1], 1)
  t.equal(series.find(([name]) => name.includes('"late"'))?.[1], 1)
  t.equal(lines.length, 1002)
})

t.test('series of watched metrics exist from the start and after a reset', async t => {
  const { mistakes, registry } = setUp()
  mistakes.watch('shop_a_total', { canOverflow: true })
  mistakes.watch('shop_b', { canOverflow: false })
  const zero = {
    'shop_metrics_errors_total{metric="shop_a_total"}': 0,
    'shop_metrics_errors_total{metric="shop_b"}': 0,
    'shop_metrics_overflow_total{metric="shop_a_total"}': 0
  }
  t.strictSame(await samples(registry), zero)
  mistakes.error('shop_b', new Error('boom'))
  registry.resetMetrics()
  t.strictSame(await samples(registry), zero)
})

import t from 'tap'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { startFromZero } from '../../lib/registry/start-from-zero.js'
import { samples } from '../fixtures/samples.js'

t.test('known series exist at 0, and again after a reset', async t => {
  const registry = new Registry()
  const configuration = { help: 'h', labelNames: ['a'], registers: [registry] }
  const counter = new Counter({ ...configuration, name: 'c_total' })
  const gauge = new Gauge({ ...configuration, name: 'g' })
  const histogram = new Histogram({ ...configuration, name: 'h', buckets: [1] })
  for (const metric of [counter, gauge, histogram]) startFromZero(metric, () => [{ a: 'x' }, { a: 'y' }])

  const zero = {
    'c_total{a="x"}': 0,
    'c_total{a="y"}': 0,
    'g{a="x"}': 0,
    'g{a="y"}': 0,
    'h_bucket{le="1",a="x"}': 0,
    'h_bucket{le="+Inf",a="x"}': 0,
    'h_sum{a="x"}': 0,
    'h_count{a="x"}': 0,
    'h_bucket{le="1",a="y"}': 0,
    'h_bucket{le="+Inf",a="y"}': 0,
    'h_sum{a="y"}': 0,
    'h_count{a="y"}': 0
  }
  t.strictSame(await samples(registry), zero)
  counter.inc({ a: 'z' })
  gauge.set({ a: 'x' }, 5)
  histogram.observe({ a: 'y' }, 0.5)
  t.notSame(await samples(registry), zero)
  registry.resetMetrics()
  t.strictSame(await samples(registry), zero)
})

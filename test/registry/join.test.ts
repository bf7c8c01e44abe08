import t from 'tap'
import { Counter, Gauge, Registry } from 'prom-client'
import { join } from '../../lib/registry/join.js'
import { gaugeMetric } from '../fixtures/gauge-metric.js'
import { registerMetric } from '../fixtures/register-metric.js'
import { createRevokedProxy } from '../fixtures/unexpected-values.js'

t.test('adds no metric when one of their names is taken', async t => {
  const registry = new Registry()
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc()
  t.throws(() => join(registry, [gaugeMetric(), gaugeMetric({ name: 'orders_total' })]), {
    code: 'DYNOAI_METRICS_ERR_NAME_TAKEN',
    message: /in the registry; give .* 'metricPrefix' .*Received: the string "orders_total"$/
  })
  t.throws(() => join(registry, [gaugeMetric(), gaugeMetric()]), {
    code: 'DYNOAI_METRICS_ERR_NAME_TAKEN',
    message: /one of this plugin; give .* another key .*Received: the string "queue_length"$/
  })
  t.equal(registry.getMetricsAsArray().length, 1)
})

t.test('rejects the name of a sample of a histogram, whichever metric is added first', async t => {
  for (const name of ['wait_seconds_bucket', 'wait_seconds_sum', 'wait_seconds_count']) {
    const histogram = gaugeMetric({ name: 'wait_seconds', type: 'histogram' })
    t.throws(() => join(new Registry(), [histogram, gaugeMetric({ name })]), {
      code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: new RegExp(`"${name}"`)
    })
    t.throws(() => join(new Registry(), [gaugeMetric({ name }), histogram]), {
      code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /"wait_seconds"/
    })
  }
})

t.test('adds metrics to a registry with metrics that cannot be read', async t => {
  const registry = new Registry()
  const unreadable = { ...gaugeMetric({ name: 'theirs' }) } // a copy is not a plugin metric
  registerMetric(registry, unreadable)
  const broken = { ...gaugeMetric({ name: 'broken' }), labelNames: 5 }
  registerMetric(registry, broken)
  for (const property of ['name', 'type', 'labelNames']) {
    Object.defineProperty(unreadable, property, {
      get () { throw new Error('unreadable') }
    })
  }
  const odd = { ...gaugeMetric({ name: 'odd' }) }
  registerMetric(registry, odd)
  Object.assign(odd, { type: Symbol('gauge'), labelNames: createRevokedProxy([]) })
  const array = [...registry.getMetricsAsArray(), null, 5]
  registry.getMetricsAsArray = () => array as ReturnType<Registry['getMetricsAsArray']>
  join(registry, [gaugeMetric()], { pod: 'p' })
  t.ok(registry.getSingleMetric('queue_length'))
  for (const name of ['broken', 'odd']) {
    t.throws(() => join(registry, [gaugeMetric({ name })]), { code: 'DYNOAI_METRICS_ERR_NAME_TAKEN' })
  }
})

t.test('rejects a default label that any metric has, and then adds nothing', async t => {
  for (const label of ['shop', 'zone']) {
    const registry = new Registry()
    new Gauge({ name: 'theirs', help: 'Theirs', labelNames: ['zone'], registers: [registry] }).set({ zone: 'z' }, 1)
    t.throws(() => join(registry, [gaugeMetric()], { pod: 'p', [label]: 'x' }), {
      code: 'DYNOAI_METRICS_ERR_LABEL_TAKEN', message: new RegExp(`'${label}'`)
    })
    t.equal(registry.getMetricsAsArray().length, 1)
    t.match(await registry.metrics(), 'theirs{zone="z"} 1')
  }
})

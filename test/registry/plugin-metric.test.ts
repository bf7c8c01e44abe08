import t from 'tap'
import { Registry } from 'prom-client'
import { join, joinedMetrics } from '../../lib/registry/join.js'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import { gaugeMetric } from '../fixtures/gauge-metric.js'

t.test('a metric of our own is read by a prom-client Registry in every form', async t => {
  const registry = new Registry()
  let resets = 0
  join(registry, [gaugeMetric({ reset: () => { resets++ } }), gaugeMetric({ name: 'other' })])
  t.match(await registry.metrics(), '# HELP queue_length Waiting\n# TYPE queue_length gauge\nqueue_length{shop="a"} 3\n')
  t.match(await registry.getMetricsAsJSON(), [{
    name: 'queue_length', help: 'Waiting', type: 'gauge', aggregator: 'sum', values: [{ labels: { shop: 'a' }, value: 3 }]
  }, { name: 'other' }])
  registry.resetMetrics()
  t.equal(resets, 1, 'and one without a reset is left as it is')
})

t.test('a counter of our own has one _total in an OpenMetrics registry', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  join(registry, [gaugeMetric({ name: 'hits_total', type: 'counter' })])
  for (let scrape = 0; scrape < 2; scrape++) {
    t.equal(await registry.metrics(), '# HELP hits Waiting\n# TYPE hits counter\nhits_total{shop="a"} 3\n# EOF\n')
  }
})

t.test('knows its own metrics, and none that claims to be one', async t => {
  const own = gaugeMetric()
  t.equal(pluginMetricOf(own)?.name, 'queue_length')
  t.equal(pluginMetricOf({ ...own }), undefined)
  t.equal(pluginMetricOf(new Proxy({}, { get: () => ({ name: 'x' }), has: () => true })), undefined)
  const registry = new Registry()
  t.equal(joinedMetrics(registry).size, 0)
  join(registry, [own])
  t.strictSame([...joinedMetrics(registry)], [own])
})

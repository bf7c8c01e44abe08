import t from 'tap'
import { Registry } from 'prom-client'
import { join, joinedMetrics } from '../../lib/registry/join.js'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import { gaugeMetric } from '../fixtures/gauge-metric.js'

t.test('a registry of prom-client reads a plugin metric in every form', async t => {
  const registry = new Registry()
  let resets = 0
  join(registry, [gaugeMetric({ reset: () => { resets++ } }), gaugeMetric({ name: 'other' })])
  t.match(
    await registry.metrics(), '# HELP queue_length Waiting\n# TYPE queue_length gauge\nqueue_length{shop="a"} 3\n'
  )
  const values = [{ labels: { shop: 'a' }, value: 3 }]
  t.match(await registry.getMetricsAsJSON(), [
    { name: 'queue_length', help: 'Waiting', type: 'gauge', aggregator: 'sum', values }, { name: 'other' }
  ])
  registry.resetMetrics()
  t.equal(resets, 1, 'a metric without a reset is skipped')
})

t.test('a registry of OpenMetrics shows the suffix _total of a counter once', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  join(registry, [gaugeMetric({ name: 'hits_total', type: 'counter' })])
  for (let scrape = 0; scrape < 2; scrape++) {
    t.equal(await registry.metrics(), '# HELP hits Waiting\n# TYPE hits counter\nhits_total{shop="a"} 3\n# EOF\n')
  }
})

t.test('recognises plugin metrics, but no copy or proxy of one', async t => {
  const metric = gaugeMetric()
  t.equal(pluginMetricOf(metric)?.name, 'queue_length')
  t.equal(pluginMetricOf({ ...metric }), undefined)
  t.equal(pluginMetricOf(new Proxy({}, { get: () => ({ name: 'x' }), has: () => true })), undefined)
  const registry = new Registry()
  t.equal(joinedMetrics(registry).size, 0)
  join(registry, [metric])
  t.strictSame([...joinedMetrics(registry)], [metric])
})

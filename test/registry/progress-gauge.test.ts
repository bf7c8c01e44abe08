import { Registry } from 'prom-client'
import t from 'tap'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import { progressGauge } from '../../lib/registry/progress-gauge.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { registerMetric } from '../fixtures/register-metric.js'

t.test('shows what is in progress, in a family of the store', async t => {
  const registry = new Registry()
  const { metric, count } = progressGauge('x', 'X')
  registerMetric(registry, metric)
  t.ok(pluginMetricOf(metric) instanceof GaugeFamily)
  t.equal(await registry.metrics(), '# HELP x X\n# TYPE x gauge\nx 0\n')
  for (const steps of [1, 1, -1]) count[0]! += steps // it has one number
  registry.resetMetrics()
  t.equal(await registry.metrics(), '# HELP x X\n# TYPE x gauge\nx 1\n', 'also after a reset')
})

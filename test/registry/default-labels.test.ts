import t from 'tap'
import { Registry } from 'prom-client'
import { setDefaultLabels } from '../../lib/registry/default-labels.js'
import { join } from '../../lib/registry/join.js'
import { gaugeMetric } from '../fixtures/gauge-metric.js'
import { registerMetric } from '../fixtures/register-metric.js'

t.test('adds default labels to every sample', async t => {
  const registry = new Registry()
  join(registry, [gaugeMetric()])
  setDefaultLabels(registry, Object.freeze({ pod: 'p' }))
  t.match(await registry.metrics(), 'queue_length{shop="a",pod="p"} 3')
  setDefaultLabels(registry, {})
  t.match(await registry.metrics(), 'queue_length{shop="a",pod="p"} 3', 'an empty object changes nothing')
})

t.test('keeps the default labels of the registry when none are given', async t => {
  const registry = new Registry()
  registry.setDefaultLabels({ owner: 'o' })
  const bare = {
    name: 'bare',
    help: 'h',
    type: 'gauge',
    get: async () => ({ name: 'bare', help: 'h', type: 'gauge', values: [{ labels: {}, value: 1 }] }),
    reset () {}
  }
  registerMetric(registry, bare)
  join(registry, [])
  t.match(await registry.metrics(), 'bare{owner="o"} 1')
  t.doesNotThrow(() => join(registry, [], { pod: 'p' }), 'a metric need not declare its labels')
})

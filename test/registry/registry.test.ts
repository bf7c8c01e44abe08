import t from 'tap'
import { Counter, Gauge, Registry } from 'prom-client'
import { join, joinedMetrics, pluginMetricOf, registryMetric, setDefaultLabels } from '../../lib/registry/registry.js'
import type { NamedMetric, PluginMetric } from '../../lib/registry/registry.js'

const metric = (own: Partial<PluginMetric> = {}): NamedMetric => registryMetric({
  name: 'queue_length', help: 'Waiting', type: 'gauge', labelNames: ['shop'], values: () => [{ labels: { shop: 'a' }, value: 3 }], ...own
})

t.test('a metric of our own is read by a prom-client Registry in every form', async t => {
  const registry = new Registry()
  let resets = 0
  join(registry, [metric({ reset: () => { resets++ } }), metric({ name: 'other' })])
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
  join(registry, [metric({ name: 'hits_total', type: 'counter' })])
  for (let scrape = 0; scrape < 2; scrape++) {
    t.equal(await registry.metrics(), '# HELP hits Waiting\n# TYPE hits counter\nhits_total{shop="a"} 3\n# EOF\n')
  }
})

t.test('a name that is taken adds nothing at all', async t => {
  const registry = new Registry()
  new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc()
  t.throws(() => join(registry, [metric(), metric({ name: 'orders_total' })]), {
    code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /in the registry; give .* 'metricPrefix' .*Received: the string "orders_total"$/
  })
  t.throws(() => join(registry, [metric(), metric()]), { code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /one of this plugin; give .* another key .*Received: the string "queue_length"$/ })
  t.equal(registry.getMetricsAsArray().length, 1)
})

t.test('a name that a histogram needs is taken too, on either side', async t => {
  for (const name of ['wait_seconds_bucket', 'wait_seconds_sum', 'wait_seconds_count']) {
    const histogram = metric({ name: 'wait_seconds', type: 'histogram' })
    t.throws(() => join(new Registry(), [histogram, metric({ name })]), { code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: new RegExp(`"${name}"`) })
    t.throws(() => join(new Registry(), [metric({ name }), histogram]), { code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /"wait_seconds"/ })
  }
})

t.test('a metric that cannot be read keeps no others out', async t => {
  const registry = new Registry()
  const unreadable = { ...metric({ name: 'theirs' }) } // a copy is none of our own
  registry.registerMetric(unreadable as unknown as Counter)
  const broken = { ...metric({ name: 'broken' }), labelNames: 5 }
  registry.registerMetric(broken as unknown as Counter)
  for (const property of ['name', 'type', 'labelNames']) {
    Object.defineProperty(unreadable, property, {
      get () {
        throw new Error('unreadable')
      }
    })
  }
  const odd = { ...metric({ name: 'odd' }) }
  registry.registerMetric(odd as unknown as Counter)
  const { proxy, revoke } = Proxy.revocable([], {})
  revoke()
  Object.assign(odd, { type: Symbol('gauge'), labelNames: proxy })
  const array = [...registry.getMetricsAsArray(), null, 5]
  registry.getMetricsAsArray = () => array as ReturnType<Registry['getMetricsAsArray']>
  join(registry, [metric()], { pod: 'p' })
  t.ok(registry.getSingleMetric('queue_length'))
  for (const name of ['broken', 'odd']) {
    t.throws(() => join(registry, [metric({ name })]), { code: 'DYNOAI_METRICS_ERR_NAME_TAKEN' })
  }
})

t.test('knows its own metrics, and none that claims to be one', async t => {
  const own = metric()
  t.equal(pluginMetricOf(own)?.name, 'queue_length')
  t.equal(pluginMetricOf({ ...own }), undefined)
  t.equal(pluginMetricOf(new Proxy({}, { get: () => ({ name: 'x' }), has: () => true })), undefined)
  const registry = new Registry()
  t.equal(joinedMetrics(registry).size, 0)
  join(registry, [own])
  t.strictSame([...joinedMetrics(registry)], [own])
})

t.test('default labels come to every sample', async t => {
  const registry = new Registry()
  join(registry, [metric()])
  setDefaultLabels(registry, Object.freeze({ pod: 'p' }))
  t.match(await registry.metrics(), 'queue_length{shop="a",pod="p"} 3')
  setDefaultLabels(registry, {})
  t.match(await registry.metrics(), 'queue_length{shop="a",pod="p"} 3', 'none takes none away')
})

t.test('a default label that a metric has is refused, whoever made the metric, and nothing is added', async t => {
  for (const label of ['shop', 'zone']) {
    const registry = new Registry()
    new Gauge({ name: 'theirs', help: 'Theirs', labelNames: ['zone'], registers: [registry] }).set({ zone: 'z' }, 1)
    t.throws(() => join(registry, [metric()], { pod: 'p', [label]: 'x' }), { code: 'DYNOAI_METRICS_ERR_LABEL_TAKEN', message: new RegExp(`'${label}'`) })
    t.equal(registry.getMetricsAsArray().length, 1)
    t.match(await registry.metrics(), 'theirs{zone="z"} 1')
  }
})

t.test('no default labels leave those that the owner of the registry has set', async t => {
  const registry = new Registry()
  registry.setDefaultLabels({ owner: 'o' })
  const bare = { name: 'bare', help: 'h', type: 'gauge', get: async () => ({ name: 'bare', help: 'h', type: 'gauge', values: [{ labels: {}, value: 1 }] }), reset () {} }
  registry.registerMetric(bare as unknown as Counter)
  join(registry, [])
  t.match(await registry.metrics(), 'bare{owner="o"} 1')
  t.doesNotThrow(() => join(registry, [], { pod: 'p' }), 'a metric need not say what its labels are')
})

import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Metric } from 'prom-client'
import { isSharedView, SharedCollection } from '../../lib/registry/shared-collection.js'
import type { SharedMetric } from '../../lib/registry/shared-collection.js'
import { registerMetric } from '../fixtures/register-metric.js'

const collectionOf = (metrics: readonly Metric[]) => new SharedCollection(metrics as unknown as readonly SharedMetric[])

/** A registry with views of metrics, and a function that reads one of them. */
function registerViews (metrics: readonly Metric[], collection = collectionOf(metrics)) {
  const registry = new Registry()
  for (const view of collection.views()) registerMetric(registry, view)
  const read = async (name: string) => (await registry.getSingleMetricAsString(name)).split('\n').slice(2).join()
  return { registry, collection, read }
}

function gauge (name: string, collect?: () => void | Promise<void>): Gauge {
  return new Gauge({ name, help: 'G', registers: [], ...collect && { collect } })
}

/** Two gauges: `filler` sets the value of `filled` when it is collected. */
function createFiller (order: 'before' | 'after') {
  let calls = 0
  const filled = gauge('filled')
  const filler = gauge('filler', () => { filled.set(++calls) })
  return { metrics: order === 'before' ? [filler, filled] : [filled, filler], calls: () => calls }
}

for (const order of ['before', 'after'] as const) {
  t.test(`reads the value that a metric registered ${order} it sets`, async t => {
    const { metrics, calls } = createFiller(order)
    const { registry, read } = registerViews(metrics)
    t.equal(await read('filled'), 'filled 1', 'alone')
    await nextTurn()
    t.match(await registry.metrics(), /^filled 2$/m, 'with all metrics')
    await nextTurn()
    const names = order === 'before' ? ['filler', 'filled'] : ['filled', 'filler']
    t.match(await registry.getMetricsAsJSON(), names.map(name => ({ name })))
    t.equal(calls(), 3, 'one call for each reading')
  })
}

t.test('collects once in a turn of the event loop, for all registries and all ways to read', async t => {
  const { metrics, calls } = createFiller('before')
  const one = registerViews(metrics)
  const other = registerViews(metrics, one.collection)
  const json = other.registry.getMetricsAsJSON()
  await Promise.all([one.registry.metrics(), other.registry.metrics(), one.read('filled'), json])
  t.equal(await one.read('filled'), 'filled 1', 'in the same turn')
  t.equal(calls(), 1)
  await nextTurn()
  t.equal(await one.read('filled'), 'filled 2', 'in the next turn')
})

t.test('a metric that fails, at once or later, does not affect the others', async t => {
  const { metrics } = createFiller('before')
  const now = gauge('now', () => { throw new Error('at once') })
  const later = gauge('later', async () => {
    await nextTurn()
    throw new Error('later')
  })
  const hanging = gauge('hanging', async () => { await new Promise(() => {}) })
  const { registry, read } = registerViews([now, later, hanging, ...metrics])
  t.equal(await read('filled'), 'filled 1')
  t.equal(await read('filler'), 'filler 0')
  await t.rejects(read('now'), { message: 'at once' })
  await t.rejects(read('later'), { message: 'later' })
  await t.rejects(async () => await registry.getSingleMetric('now')?.get(), { message: 'at once' })
  await nextTurn()
  t.equal(await read('filled'), 'filled 2', 'without the metrics that failed')
})

t.test('exposes each type of metric as the metric itself', async t => {
  const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1], labelNames: ['a'], registers: [] })
  histogram.observe({ a: 'x' }, 2)
  const description = { name: 'c', help: 'C', buckets: [1], registers: [] }
  const collecting = new Histogram({ ...description, collect () { this.observe(1) } })
  const counter = new Counter({ name: 'n_total', help: 'N', registers: [] })
  counter.inc(3)
  const { registry } = registerViews([histogram, counter, collecting])
  const expected = new Registry()
  for (const metric of [histogram, counter]) expected.registerMetric(metric)
  const text = await registry.metrics()
  t.match(text, (await expected.metrics()).trimEnd())
  t.match(text, 'c_bucket{le="1"} 1\n')
})

t.test('a registry does not rename, reset or label the samples of another', async t => {
  const counter = new Counter({ name: 'n_total', help: 'N', registers: [] })
  counter.inc(3)
  const one = registerViews([counter])
  const other = registerViews([counter], one.collection)
  one.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  one.registry.setDefaultLabels({ pod: 'a' })
  t.match(await one.registry.metrics(), 'n_total{pod="a"} 3\n')
  await one.registry.getMetricsAsJSON()
  one.registry.resetMetrics()
  t.equal(await other.registry.metrics(), '# HELP n_total N\n# TYPE n_total counter\nn_total 3\n')
})

t.test('recognises its views among other metrics', t => {
  const metric = gauge('g')
  const [view = {}] = new SharedCollection([metric as unknown as SharedMetric]).views()
  t.strictSame([isSharedView(view), isSharedView(metric)], [true, false])
  t.end()
})

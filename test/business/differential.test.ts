import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { AggregatorRegistry, Counter, Gauge, Histogram, Pushgateway, Registry } from 'prom-client'
import { createMeasuredFastify } from '../fixtures/app.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose } from '../fixtures/exposition/expose.js'
import { createRandom } from '../fixtures/random.js'
import { registerMetric } from '../fixtures/register-metric.js'

// Makes the same thousands of random calls to handles and to metrics of prom-client. The tools of prom-client must then
// produce the same from both.

const LABELS = { kind: ['a', 'b'], user: [] }
const USERS = ['x', 'y"\n', 'é', '__proto__', '', 'constructor', '12', 'a,b:c']
const BUCKETS = [0.5, 1, 2.5]

const DEFINITIONS = {
  plainTotal: { type: 'counter', help: 'A "counter"', name: 'plain_total' },
  freeTotal: { type: 'counter', help: 'C', name: 'free_total', labels: LABELS },
  level: { type: 'gauge', help: 'A gauge', name: 'level' },
  levels: { type: 'gauge', help: 'Gauges\nof many', name: 'levels', labels: LABELS },
  seconds: { type: 'histogram', help: 'A histogram', name: 'seconds', buckets: BUCKETS },
  freeSeconds: { type: 'histogram', help: 'Histograms', name: 'free_seconds', labels: LABELS, buckets: BUCKETS }
} as const

/** Metrics of prom-client with the same names, in another registry. */
function createPromClientMetrics () {
  const registry = new Registry()
  const of = (key: keyof typeof DEFINITIONS) => {
    const { name, help } = DEFINITIONS[key]
    return { name, help, labelNames: Object.keys('labels' in DEFINITIONS[key] ? LABELS : {}), registers: [registry] }
  }
  return {
    registry,
    metrics: {
      plainTotal: new Counter(of('plainTotal')),
      freeTotal: new Counter(of('freeTotal')),
      level: new Gauge(of('level')),
      levels: new Gauge(of('levels')),
      seconds: new Histogram({ ...of('seconds'), buckets: BUCKETS }),
      freeSeconds: new Histogram({ ...of('freeSeconds'), buckets: BUCKETS })
    }
  }
}

/** The handles and prom-client's metrics, each with their registry, after the same random calls. */
async function recordBoth (t: Test, seed: number) {
  const fastify = await createMeasuredFastify(t, { dynoai: false, requests: false, endpoint: false })
  const plugin = fastify.metrics.define(DEFINITIONS)
  const { metrics: promClient, registry: promClientRegistry } = createPromClientMetrics()
  const pluginRegistry = new Registry()
  for (const { metric } of Object.values(plugin)) registerMetric(pluginRegistry, metric)
  const { float, integer, pick } = createRandom(seed)
  for (let i = 0; i < 3000; i++) {
    const labels = { kind: pick(['a', 'b'] as const), user: pick(USERS) }
    const value = float() < 0.2 ? pick(BUCKETS) : integer(0, 999) / 256
    const calls: ReadonlyArray<() => void> = [
      () => { for (const side of [plugin, promClient]) side.plainTotal.inc() },
      () => { for (const side of [plugin, promClient]) side.freeTotal.inc(labels, value) },
      () => { plugin.freeTotal.labels(labels).inc(); promClient.freeTotal.labels(labels).inc() },
      () => { for (const side of [plugin, promClient]) side.level.set(-value) },
      () => { for (const side of [plugin, promClient]) side.levels.inc(labels, value) },
      () => { for (const side of [plugin, promClient]) side.levels.dec(labels) },
      () => { for (const side of [plugin, promClient]) side.levels.set(labels, value) },
      () => { for (const side of [plugin, promClient]) side.seconds.observe(value) },
      () => { for (const side of [plugin, promClient]) side.freeSeconds.observe(labels, value) }
    ]
    pick(calls)()
    if (float() > 0.02) continue
    const key = pick(['freeTotal', 'levels', 'freeSeconds'] as const)
    if (float() < 0.5) plugin[key].remove(labels)
    else plugin[key].metric.remove(labels.kind, labels.user)
    promClient[key].remove(labels)
  }
  return { plugin, promClient, pluginRegistry, promClientRegistry }
}

/** The sorted lines of an exposition: a series that was removed and added again has another position. */
const lines = (text: string): string[] => text.split('\n').sort()

/** A copy of a value in which the keys of objects and the items of arrays are sorted. */
function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

async function json (registry: Registry): Promise<unknown> {
  const metrics = await registry.getMetricsAsJSON()
  return sorted(JSON.parse(JSON.stringify(metrics, (key, value) => key === 'exemplar' ? undefined : value)))
}

const exposed = async (registry: Registry): Promise<unknown> =>
  samplesOf(checkStructure(await expose(registry), 'text'))

for (const seed of [1, 2, 3]) {
  t.test(`a registry of prom-client exposes the same for both, seed ${seed}`, async t => {
    const { plugin, promClient, pluginRegistry, promClientRegistry } = await recordBoth(t, seed)
    t.strictSame(lines(await pluginRegistry.metrics()), lines(await promClientRegistry.metrics()), 'as text')
    t.strictSame(await json(pluginRegistry), await json(promClientRegistry), 'as JSON')
    t.strictSame(
      lines(await pluginRegistry.getSingleMetricAsString('levels')),
      lines(await promClientRegistry.getSingleMetricAsString('levels'))
    )
    t.equal(pluginRegistry.getSingleMetric('levels'), plugin.levels.metric)
    t.same(await exposed(pluginRegistry), await exposed(promClientRegistry), 'in the exposition of this plugin')

    for (const of of [pluginRegistry, promClientRegistry]) of.setDefaultLabels({ pod: 'a"b' })
    t.strictSame(await json(pluginRegistry), await json(promClientRegistry), 'with default labels')
    for (const of of [pluginRegistry, promClientRegistry]) of.resetMetrics()
    promClient.seconds.zero({}) // a handle without labels has a series of 0, also after a reset
    t.strictSame(await json(pluginRegistry), await json(promClientRegistry), 'after a reset')
    pluginRegistry.removeSingleMetric('levels')
    t.equal(pluginRegistry.getSingleMetric('levels'), undefined)
  })
}

t.test('prom-client aggregates and merges both to the same', async t => {
  const processes = [await recordBoth(t, 10), await recordBoth(t, 11)]
  const aggregated = async (of: 'pluginRegistry' | 'promClientRegistry') =>
    AggregatorRegistry.aggregate(await Promise.all(processes.map(async one => await one[of].getMetricsAsJSON())))
  const actual = await aggregated('pluginRegistry')
  const expected = await aggregated('promClientRegistry')
  t.strictSame(lines(await actual.metrics()), lines(await expected.metrics()), 'aggregated')
  const merged = async (of: 'pluginRegistry' | 'promClientRegistry') =>
    await Registry.merge([(processes[0] as typeof processes[number])[of], new Registry()]).metrics()
  t.strictSame(lines(await merged('pluginRegistry')), lines(await merged('promClientRegistry')), 'merged')
})

t.test('prom-client sends the same of both to a Pushgateway', async t => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    text(request).then(body => {
      bodies.push(body)
      response.end()
    }, (err: Error) => { response.destroy(err) })
  })
  t.teardown(() => { server.close() })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  const { pluginRegistry, promClientRegistry } = await recordBoth(t, 20)
  for (const registry of [pluginRegistry, promClientRegistry]) {
    await new Pushgateway(`http://127.0.0.1:${port}`, [], registry).pushAdd({ jobName: 'test' })
  }
  const [actual = '', expected] = bodies.map(lines)
  t.strictSame(actual, expected)
  t.ok(actual.length > 100)
})

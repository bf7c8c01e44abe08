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

// The same calls, thousands of them and random, go to handles and to prom-client's own metrics; what prom-client's tools make of
// both must be the same.

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

/** prom-client's metrics of the same names in a registry of their own. */
function theirMetrics () {
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

/** Ours and theirs, after the same random calls. */
async function both (t: Test, seed: number) {
  const fastify = await createMeasuredFastify(t, { dynoai: false, requests: false, endpoint: false })
  const ours = fastify.metrics.define(DEFINITIONS)
  const { metrics: theirs, registry: their } = theirMetrics()
  const our = new Registry()
  for (const { metric } of Object.values(ours)) registerMetric(our, metric)
  const { float, integer, pick } = createRandom(seed)
  for (let i = 0; i < 3000; i++) {
    const labels = { kind: pick(['a', 'b'] as const), user: pick(USERS) }
    const value = float() < 0.2 ? pick(BUCKETS) : integer(0, 999) / 256
    const calls: ReadonlyArray<() => void> = [
      () => { for (const one of [ours, theirs]) one.plainTotal.inc() },
      () => { for (const one of [ours, theirs]) one.freeTotal.inc(labels, value) },
      () => { ours.freeTotal.labels(labels).inc(); theirs.freeTotal.labels(labels).inc() },
      () => { for (const one of [ours, theirs]) one.level.set(-value) },
      () => { for (const one of [ours, theirs]) one.levels.inc(labels, value) },
      () => { for (const one of [ours, theirs]) one.levels.dec(labels) },
      () => { for (const one of [ours, theirs]) one.levels.set(labels, value) },
      () => { for (const one of [ours, theirs]) one.seconds.observe(value) },
      () => { for (const one of [ours, theirs]) one.freeSeconds.observe(labels, value) }
    ]
    pick(calls)()
    if (float() > 0.02) continue
    const key = pick(['freeTotal', 'levels', 'freeSeconds'] as const)
    if (float() < 0.5) ours[key].remove(labels)
    else ours[key].metric.remove(labels.kind, labels.user)
    theirs[key].remove(labels)
  }
  return { ours, theirs, our, their }
}

/** The lines of an exposition in an order that says nothing: a series that came back stands elsewhere. */
const lines = (text: string): string[] => text.split('\n').sort()

/** A value with the keys of its objects, and the items of its arrays, in an order that says nothing. */
function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, one]) => [key, sorted(one)]))
}

async function json (registry: Registry): Promise<unknown> {
  return sorted(JSON.parse(JSON.stringify(await registry.getMetricsAsJSON(), (key, value) => key === 'exemplar' ? undefined : value)))
}

const exposed = async (registry: Registry): Promise<unknown> => samplesOf(checkStructure(await expose(registry), 'text'))

for (const seed of [1, 2, 3]) {
  t.test(`prom-client's registry shows the same, seed ${seed}`, async t => {
    const { ours, theirs, our, their } = await both(t, seed)
    t.strictSame(lines(await our.metrics()), lines(await their.metrics()), 'as text')
    t.strictSame(await json(our), await json(their), 'as JSON')
    t.strictSame(lines(await our.getSingleMetricAsString('levels')), lines(await their.getSingleMetricAsString('levels')))
    t.equal(our.getSingleMetric('levels'), ours.levels.metric)
    t.same(await exposed(our), await exposed(their), 'and so does the endpoint')

    for (const of of [our, their]) of.setDefaultLabels({ pod: 'a"b' })
    t.strictSame(await json(our), await json(their), 'with default labels')
    for (const of of [our, their]) of.resetMetrics()
    theirs.seconds.zero({}) // without labels it is there at 0 here, also after a reset
    t.strictSame(await json(our), await json(their), 'after a reset')
    our.removeSingleMetric('levels')
    t.equal(our.getSingleMetric('levels'), undefined)
  })
}

t.test("prom-client's aggregation and merge give the same", async t => {
  const processes = [await both(t, 10), await both(t, 11)]
  const aggregated = async (of: 'our' | 'their') => AggregatorRegistry.aggregate(await Promise.all(processes.map(async one => await one[of].getMetricsAsJSON())))
  t.strictSame(lines(await (await aggregated('our')).metrics()), lines(await (await aggregated('their')).metrics()), 'aggregated')
  const merged = async (of: 'our' | 'their') => await Registry.merge([(processes[0] as typeof processes[number])[of], new Registry()]).metrics()
  t.strictSame(lines(await merged('our')), lines(await merged('their')), 'merged')
})

t.test('a Pushgateway is sent the same', async t => {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    bodies.push(await text(request))
    response.end()
  })
  t.teardown(() => { server.close() })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  const { our, their } = await both(t, 20)
  for (const registry of [our, their]) await new Pushgateway(`http://127.0.0.1:${port}`, [], registry).pushAdd({ jobName: 'test' })
  const [ours = '', theirs] = bodies.map(lines)
  t.strictSame(ours, theirs)
  t.ok(ours.length > 100)
})

import { versions } from 'node:process'
import t from 'tap'
import { AggregatorRegistry, Histogram, Registry } from 'prom-client'
import { DURATION_BUCKETS } from '../../lib/series/buckets.js'
import type { HistogramFamily } from '../../lib/series/histogram-family.js'
import type { MetricsRegistry } from '../../lib/types/index.js'
import { createHistogram, getSeries } from '../fixtures/histogram.js'
import { createRandom } from '../fixtures/random.js'

const DESCRIPTION = {
  name: 'd_seconds',
  help: 'Durations "in" seconds,\nwith \\',
  labelNames: ['method', 'path', 'status'],
  buckets: DURATION_BUCKETS
}

/** Label values that an exposition must escape, or that are hard to parse. */
const PATHS = [
  '/a', '/b/:"id"', '/c\n/d', '/e\\', '/é/日本/🏍', '/,method:GET', '', '/__overflow__', '/a b', "/'", '\\n', '/x="1"} 5'
]

interface ClientHistogram {
  observe (labels: object, value: number): void
}

/** Records the same thousands of random observations in a histogram of a client library and in a family. */
function observe (expected: ClientHistogram, actual: HistogramFamily, seed: number): void {
  const { float, pick } = createRandom(seed)
  for (let i = 0; i < 5000; i++) {
    const labels = { method: pick(['GET', 'POST', '_OTHER']), path: pick(PATHS), status: pick(['200', '404', '499']) }
    const value = float() < 0.2 ? pick(DURATION_BUCKETS) : float() * 10 ** (4 * float() - 3)
    expected.observe(labels, value)
    actual.observe(getSeries(actual, labels.method, labels.path, labels.status), value)
  }
}

/** The lines of an exposition, each with sorted labels: their order has no meaning. */
function sortLabels (text: string): string[] {
  const sorted = (labels: string): string => (labels.match(/\w+="(?:[^"\\]|\\.)*"/g) ?? []).sort().join()
  return text.split('\n').map(line => line.replace(/\{.*\}/, sorted))
}

interface Client {
  readonly Registry: new () => MetricsRegistry & {
    getMetricsAsJSON (): Promise<object[]>
    getSingleMetricAsString (name: string): Promise<string>
    resetMetrics (): void
  }
  readonly Histogram: new (configuration: object) => ClientHistogram
}

async function compare (t: Tap, client: Client, seed: number): Promise<void> {
  const expected = new client.Registry()
  const histogram = new client.Histogram({ ...DESCRIPTION, buckets: [...DURATION_BUCKETS], registers: [expected] })
  const actual = new client.Registry()
  observe(histogram, createHistogram(actual, DESCRIPTION), seed)

  t.equal(await actual.metrics(), await expected.metrics(), 'as text')
  const json = async (of: typeof actual) =>
    JSON.parse(JSON.stringify(await of.getMetricsAsJSON(), (key, value) => key === 'exemplar' ? undefined : value))
  t.strictSame(await json(actual), await json(expected), 'as JSON')
  const single = async (of: typeof actual) => await of.getSingleMetricAsString('d_seconds')
  t.equal(await single(actual), await single(expected), 'as a single metric')
  for (const of of [actual, expected]) of.setDefaultLabels({ pod: 'a"b' })
  t.strictSame(sortLabels(await actual.metrics()), sortLabels(await expected.metrics()), 'with default labels')

  actual.resetMetrics()
  t.notMatch(await actual.metrics(), / [1-9]\S*$/m, 'a reset sets every series to 0')
}
type Tap = typeof t

for (const seed of [1, 2, 3]) {
  t.test(`exposes the same as a histogram of prom-client, seed ${seed}`, async t => {
    await compare(t as Tap, { Registry, Histogram } as unknown as Client, seed)
  })
}

t.test('merges and aggregates as a histogram of prom-client does', async t => {
  const [expected, actual] = [[new Registry(), new Registry()], [new Registry(), new Registry()]] as const
  for (const worker of [0, 1] as const) {
    const settings = { ...DESCRIPTION, buckets: [...DURATION_BUCKETS], registers: [expected[worker]] }
    observe(new Histogram(settings), createHistogram(actual[worker], DESCRIPTION), 10 + worker)
  }
  const aggregated = async (of: readonly Registry[]) =>
    await AggregatorRegistry.aggregate(await Promise.all(of.map(one => one.getMetricsAsJSON()))).metrics()
  t.equal(await aggregated(actual), await aggregated(expected), 'aggregated over workers')
  const merged = async (of: readonly Registry[]) => await Registry.merge([of[0] as Registry, new Registry()]).metrics()
  t.equal(await merged(actual), await merged(expected), 'merged')
})

// The successor of prom-client needs a newer Node than this package does.
if (Number(versions.node.split('.')[0]) >= 22) {
  t.test('joins the Registry of @prometheus-io/client in the same way', async t => {
    await compare(t as Tap, await import('@prometheus-io/client') as unknown as Client, 4)
  })
}

t.test('counts the observations of a series', async t => {
  const histogram = createHistogram(new Registry(), { ...DESCRIPTION, labelNames: ['path'] })
  const series = Array.from({ length: 300 }, (_, i) => getSeries(histogram, `/${i}`))
  for (const index of [0, 127, 128, 299]) {
    for (const value of [0, 0.3, 1e6]) histogram.observe(series[index]!, value) // each index is below 300
  }
  t.strictSame([0, 1, 127, 128, 129, 299].map(index => histogram.countAt(index)), [3, 0, 3, 3, 0, 3])
})

t.test('records a duration of 0 where a fake clock made it negative or NaN', async t => {
  const registry = new Registry()
  const histogram = createHistogram(registry, { ...DESCRIPTION, labelNames: [], buckets: [1] })
  const series = histogram.refTo(0)
  for (const value of [-5, NaN, -0, 0.5]) histogram.observe(series, value)
  t.match(await registry.metrics(), /_bucket\{le="1"\} 4\n.*\nd_seconds_sum 0\.5\nd_seconds_count 4\n/)
})

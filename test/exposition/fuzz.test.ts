import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import t from 'tap'
import fc from 'fast-check'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { negotiateFormat, wantsGzip } from '../../lib/exposition/negotiate.js'
import { registryMetric } from '../../lib/registry/plugin-metric.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose } from '../fixtures/exposition/expose.js'
import { createHistogram, getSeries } from '../fixtures/histogram.js'
import { FAULTY_METRICS, createMetric, UNUSUAL_METRICS, createRegistry, createSamples } from '../fixtures/exposition/faulty-metrics.js'
import type { RegisteredMetric } from '../fixtures/exposition/faulty-metrics.js'
import { registerMetric } from '../fixtures/register-metric.js'

// What is asserted within a property throws, so that fast-check shrinks what it fails for.
const RUNS = { numRuns: 300, seed: 20261124 }

const metricName = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/)
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/).filter(name => !['le', 'quantile'].includes(name))
/** Any text, with what must be escaped in it often. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '{', '}', ',', '=', ' ', '#', '\r', 'é', '🏍', 'a') }))
  // A lone surrogate has no bytes in UTF-8 and is read as U+FFFD, by any client.
  .map(value => Buffer.from(value).toString())
const value = fc.double()
const key = (name: string, labels: Readonly<Record<string, string>>): string =>
  name + JSON.stringify(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1))

t.test('label values, names, help texts and numbers are read back as they went in', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(
    fc.uniqueArray(fc.record({ name: metricName, help: text, type: fc.constantFrom('gauge', 'counter') }), { selector: ({ name }) => name, minLength: 1, maxLength: 4 }),
    fc.uniqueArray(labelName, { maxLength: 3 }),
    fc.array(fc.tuple(fc.array(text, { minLength: 3, maxLength: 3 }), value), { maxLength: 5 }),
    async (metrics, labelNames, rows) => {
      const registry = new Registry()
      const expected = new Map<string, number>()
      for (const { name, help, type } of metrics) {
        const values = new Map<string, { labels: Record<string, string>, value: number }>()
        for (const [texts, value] of rows) {
          const labels = Object.fromEntries(labelNames.map((label, i) => [label, texts[i] ?? '']))
          values.set(key(name, labels), { labels, value: type === 'counter' ? Math.abs(value) || 0 : value })
        }
        for (const [series, { value }] of values) expected.set(series, value === 0 ? 0 : value)
        registerMetric(registry, { name, help, type, async get () { return { name, help, type, values: [...values.values()] } }, reset () {} })
      }
      const families = checkStructure(await expose(registry), 'text')
      deepStrictEqual(samplesOf(families), expected)
      deepStrictEqual(families.map(({ name, help }) => ({ name, help })), metrics.map(({ name, help }) => ({ name, help })))
      const openMetrics = await expose(registry, 'openmetrics')
      deepStrictEqual(samplesOf(checkStructure(openMetrics, 'openmetrics')), expected)
    }
  ), RUNS))
})

t.test('any labels and durations of requests are read back as they went in', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(
    fc.uniqueArray(fc.array(text, { minLength: 2, maxLength: 2 }), { selector: texts => JSON.stringify(texts), maxLength: 5 }),
    fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 20 }),
    fc.uniqueArray(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 5, selector: String }),
    async (series, durations, bounds) => {
      const registry = new Registry()
      const buckets = bounds.map(bound => bound + 0).sort((a, b) => a - b)
      const histogram = createHistogram(registry, { name: 'd', help: 'D', labelNames: ['a', 'b'], buckets })
      for (const [a = '', b = ''] of series) {
        const one = getSeries(histogram, a, b)
        for (const duration of durations) histogram.observe(one, duration)
      }
      for (const format of ['text', 'openmetrics'] as const) {
        const samples = samplesOf(checkStructure(await expose(registry, format), format))
        strictEqual(samples.size, series.length * (buckets.length + 3))
        for (const [a = '', b = ''] of series) {
          strictEqual(samples.get(key('d_count', { a, b })), durations.length)
          strictEqual(samples.get(key('d_sum', { a, b })), durations.reduce((sum, duration) => sum + duration, 0))
          for (const bound of buckets) {
            const le = format === 'openmetrics' && Number.isInteger(bound) && !String(bound).includes('e') ? `${bound}.0` : String(bound)
            strictEqual(samples.get(key('d_bucket', { a, b, le })), durations.filter(duration => duration <= bound).length)
          }
        }
      }
    }
  ), RUNS))
})

t.test('whatever a metric gives, the others are exposed', async t => {
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true })
  await t.resolves(fc.assert(fc.asyncProperty(anything, fc.array(fc.record({ labels: fc.oneof(anything, fc.dictionary(fc.string(), anything)), value: fc.oneof(anything, value), metricName: fc.oneof(anything, fc.constant(undefined)) }, { requiredKeys: [] })), fc.boolean(), async (given, values, wrapped) => {
    const registry = new Registry()
    const gauge = new Gauge({ name: 'well', help: 'W', registers: [registry] })
    gauge.set(1)
    const metric = { name: 'odd', help: 'O', type: 'gauge', async get () { return wrapped ? { help: 'O', type: 'untyped', values } : given }, reset () {} }
    registerMetric(registry, metric)
    registerMetric(registry, registryMetric({ name: 'own', help: 'O', type: 'gauge', labelNames: [], values: () => [{ labels: {}, value: 2 }] }))
    for (const format of ['text', 'openmetrics'] as const) {
      const exposition = await expose(registry, format, null, () => {})
      match(exposition, /^well 1$/m)
      match(exposition, /^own 2$/m)
    }
  }), RUNS))
})

/** Metrics without a fault, of both makes and of all types. */
function goodMetrics (): RegisteredMetric[] {
  const registers: Registry[] = []
  const counter = new Counter<'a' | 'trace'>({
    name: 'good_total',
    help: 'G',
    labelNames: ['a'],
    registers,
    enableExemplars: true
  })
  counter.inc({ labels: { a: 'x' }, value: 2, exemplarLabels: { trace: 'x' } })
  const gauge = new Gauge({ name: 'good_gauge', help: 'G', labelNames: ['a'], registers })
  gauge.set({ a: 'x' }, -1)
  const histogram = new Histogram({ name: 'good_seconds', help: 'G', labelNames: ['a'], buckets: [1, 2], registers })
  histogram.observe({ a: 'x' }, 1.5)
  histogram.observe({ a: 'y' }, 3)
  const summary = new Summary({ name: 'good_s', help: 'G', labelNames: ['a'], percentiles: [0.5], registers })
  summary.observe({ a: 'x' }, 1)
  const neighbour = new Gauge({ name: 'good_count', help: 'G', registers })
  const own = registryMetric({
    name: 'good_own',
    help: 'O',
    type: 'gauge',
    labelNames: [],
    values: () => [{ labels: {}, value: 2 }]
  })
  return [
    ['good_total', counter],
    ['good_gauge', gauge],
    ['good_seconds', histogram],
    ['good_s', summary],
    ['good_count', neighbour],
    ['good_own', own]
  ]
}

const series = async (
  registry: ReturnType<typeof createRegistry>,
  format: 'text' | 'openmetrics',
  onError: (metric: string) => void
): Promise<Map<string, number>> => samplesOf(checkStructure(await expose(registry, format, null, onError), format))

for (const [kind, hostile] of Object.entries(FAULTY_METRICS)) {
  t.test(`a metric that ${kind} is reported, and the others are exposed`, async t => {
    for (const format of ['text', 'openmetrics'] as const) {
      const failed: string[] = []
      const good = await series(createRegistry(goodMetrics()), format, metric => { t.fail(metric) })
      const metrics: RegisteredMetric[] = [...goodMetrics(), ['hostile', hostile('hostile')]]
      if (!kind.startsWith('is named')) metrics.unshift(metrics.pop() as RegisteredMetric)
      const all = await series(createRegistry(metrics), format, metric => { failed.push(metric) })
      for (const [name, value] of good) t.equal(all.get(name), value, name)
      t.equal(failed.length, 1)
    }
  })
}

for (const [kind, odd] of Object.entries(UNUSUAL_METRICS)) {
  t.test(`a metric that ${kind} is exposed`, async t => {
    for (const format of ['text', 'openmetrics'] as const) {
      const all = await series(createRegistry([['odd', odd('odd')], ...goodMetrics()]), format, metric => {
        t.fail(metric)
      })
      t.equal([...all].filter(([name, value]) => name.startsWith('odd') && value === 1).length, 1)
    }
  })
}

t.test('whatever some metrics and default labels are, the page can be parsed and has all others', async t => {
  const kinds = Object.values({ ...FAULTY_METRICS, ...UNUSUAL_METRICS })
  const hostileDefaults = fc.constantFrom<object>(
    {},
    { pod: 'p' },
    { pod: 'p', 'a-b': 'x' },
    { le: '1', quantile: '0.5' },
    {
      pod: {
        toString () {
          throw new Error('no text')
        }
      }
    },
    { __name__: 'x', pod: 5 }
  )
  await t.resolves(fc.assert(fc.asyncProperty(
    fc.array(fc.record({ make: fc.constantFrom(...kinds), at: fc.nat({ max: 6 }) }), { minLength: 1, maxLength: 3 }),
    hostileDefaults,
    fc.constantFrom('text', 'openmetrics'),
    async (hostile, defaultLabels, format) => {
      const good = goodMetrics()
      const metrics = [...good]
      // Behind the good ones, where a name decides: the first one keeps it.
      for (const [i, { make, at }] of hostile.entries()) {
        const metric = make(`hostile_${i}`)
        metrics.splice(
          make === FAULTY_METRICS['is named as the time of creation of a good histogram'] ? metrics.length : at,
          0,
          [`hostile_${i}`, metric]
        )
      }
      const expected = await series(createRegistry(good, defaultLabels), format, () => {})
      const registry = createRegistry(metrics, defaultLabels)
      for (let scrape = 0; scrape < 2; scrape++) {
        const all = await series(registry, format, () => {})
        for (const [name, value] of expected) {
          if (all.get(name) !== value) throw new Error(`${name} is ${all.get(name)}`)
        }
      }
    }
  ), RUNS))
})

t.test('metrics whose names are those of samples of others never share a page with them', async t => {
  const NAMES = [
    'x',
    'x_total',
    'x_count',
    'x_sum',
    'x_bucket',
    'x_created',
    'x_created_total',
    'x_info',
    'x_total_total'
  ]
  const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped']
  await t.resolves(fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          name: fc.constantFrom(...NAMES),
          type: fc.constantFrom(...TYPES),
          given: fc.option(fc.constantFrom(...TYPES), { freq: 5 })
        }),
        { minLength: 2, maxLength: 6 }
      ),
      fc.constantFrom('text', 'openmetrics'),
      async (drawn, format) => {
        const metrics = drawn.map(({ name, type, given }): RegisteredMetric => [
          name,
          { ...createMetric(name, createSamples(name, given ?? type), { type: given ?? type }), type }
        ])
        const reported = new Set<string>()
        const all = await series(createRegistry(metrics), format, metric => {
          reported.add(metric)
        })
        if (all.size === 0) throw new Error('all are missing')
        for (const [name] of metrics) {
          if (![...all.keys()].some(one => one.startsWith(name)) && !reported.has(name)) {
            throw new Error(`${name} is missing without a report`)
          }
        }
      }
    ),
    RUNS
  ))
})

t.test('no Accept or Accept-Encoding header makes the negotiation fail', async t => {
  const part = fc.constantFrom('application/openmetrics-text', 'text/plain', '*/*', ',', ';', 'q=', '0.5', 'version=', '1.0.0', '"', '\\', ' ', '=', 'gzip', 'identity', 'é', '\t')
  const header = fc.oneof(fc.string({ unit: 'binary' }), fc.array(part, { maxLength: 30 }).map(parts => parts.join('')))
  t.doesNotThrow(() => fc.assert(fc.property(header, header => {
    match(negotiateFormat(header).contentType, /^(text\/plain; version=0\.0\.4|application\/openmetrics-text; version=1\.0\.0); charset=utf-8$/)
    strictEqual(typeof wantsGzip(header), 'boolean')
  }), { ...RUNS, numRuns: 3000 }))
})

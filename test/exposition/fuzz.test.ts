import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import t from 'tap'
import fc from 'fast-check'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { negotiateFormat, wantsGzip } from '../../lib/exposition/negotiate.js'
import { registryMetric } from '../../lib/registry/plugin-metric.js'
import type { NamedMetric } from '../../lib/registry/plugin-metric.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose } from '../fixtures/exposition/expose.js'
import { createHistogram, getSeries } from '../fixtures/histogram.js'
import {
  FAULTY_METRICS, UNUSUAL_METRICS, createMetric, createRegistry, createSamples
} from '../fixtures/exposition/faulty-metrics.js'
import type { RegisteredMetric } from '../fixtures/exposition/faulty-metrics.js'
import { registerMetric } from '../fixtures/register-metric.js'

// Assertions within a property throw, so fast-check can shrink a failing case.
const RUNS = { numRuns: 300, seed: 20261124 }

const metricName = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/)
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/).filter(name => !['le', 'quantile'].includes(name))
const special = fc.constantFrom('\\', '"', '\n', 'n', '{', '}', ',', '=', ' ', '#', '\r', 'é', '🏍', 'a')
/** Any text, often with characters that must be escaped. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: special }))
  // A lone surrogate has no bytes in UTF-8. Each client reads it as U+FFFD.
  .map(value => Buffer.from(value).toString())
const value = fc.double()
const key = (name: string, labels: Readonly<Record<string, string>>): string =>
  name + JSON.stringify(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1))

t.test('a parser reads the label values, names, help texts and numbers of the metrics', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(
    fc.uniqueArray(
      fc.record({ name: metricName, help: text, type: fc.constantFrom('gauge', 'counter') }),
      { selector: ({ name }) => name, minLength: 1, maxLength: 4 }
    ),
    fc.uniqueArray(labelName, { maxLength: 3 }),
    fc.array(fc.tuple(fc.array(text, { minLength: 3, maxLength: 3 }), value), { maxLength: 5 }),
    async (metrics, labelNames, rows) => {
      const registry = new Registry()
      const expected = new Map<string, number>()
      for (const { name, help, type } of metrics) {
        const samples = new Map<string, { labels: Record<string, string>, value: number }>()
        for (const [texts, value] of rows) {
          const labels = Object.fromEntries(labelNames.map((label, i) => [label, texts[i] ?? '']))
          samples.set(key(name, labels), { labels, value: type === 'counter' ? Math.abs(value) || 0 : value })
        }
        for (const [series, { value }] of samples) expected.set(series, value === 0 ? 0 : value)
        registerMetric(registry, createMetric(name, [...samples.values()], { help, type }))
      }
      const families = checkStructure(await expose(registry), 'text')
      deepStrictEqual(samplesOf(families), expected)
      const headOf = ({ name, help }: { readonly name: string, readonly help: string }) => ({ name, help })
      deepStrictEqual(families.map(headOf), metrics.map(headOf))
      const openMetrics = await expose(registry, 'openmetrics')
      deepStrictEqual(samplesOf(checkStructure(openMetrics, 'openmetrics')), expected)
    }
  ), RUNS))
})

t.test('a parser reads the labels, counts and sums of a histogram', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(
    fc.uniqueArray(
      fc.array(text, { minLength: 2, maxLength: 2 }),
      { selector: texts => JSON.stringify(texts), maxLength: 5 }
    ),
    fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 20 }),
    fc.uniqueArray(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 5, selector: String }),
    async (series, durations, bounds) => {
      const registry = new Registry()
      const buckets = bounds.map(bound => bound + 0).sort((a, b) => a - b)
      const histogram = createHistogram(registry, { name: 'd', help: 'D', labelNames: ['a', 'b'], buckets })
      for (const [a = '', b = ''] of series) {
        const ref = getSeries(histogram, a, b)
        for (const duration of durations) histogram.observe(ref, duration)
      }
      for (const format of ['text', 'openmetrics'] as const) {
        const leOf = (bound: number): string => {
          const hasPoint = !Number.isInteger(bound) || String(bound).includes('e')
          return format === 'openmetrics' && !hasPoint ? `${bound}.0` : String(bound)
        }
        const samples = samplesOf(checkStructure(await expose(registry, format), format))
        strictEqual(samples.size, series.length * (buckets.length + 3))
        for (const [a = '', b = ''] of series) {
          strictEqual(samples.get(key('d_count', { a, b })), durations.length)
          strictEqual(samples.get(key('d_sum', { a, b })), durations.reduce((sum, duration) => sum + duration, 0))
          for (const bound of buckets) {
            const count = durations.filter(duration => duration <= bound).length
            strictEqual(samples.get(key('d_bucket', { a, b, le: leOf(bound) })), count)
          }
        }
      }
    }
  ), RUNS))
})

t.test('exposes the other metrics, whatever one metric returns', async t => {
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true })
  const sample = fc.record({
    labels: fc.oneof(anything, fc.dictionary(fc.string(), anything)),
    value: fc.oneof(anything, value),
    metricName: fc.oneof(anything, fc.constant(undefined))
  }, { requiredKeys: [] })
  // A metric returns any value, or a family with any samples.
  const returned = fc.oneof(anything, fc.array(sample).map(values => ({ help: 'O', type: 'untyped', values })))
  await t.resolves(fc.assert(fc.asyncProperty(returned, async returned => {
    const registry = new Registry()
    const gauge = new Gauge({ name: 'valid', help: 'V', registers: [registry] })
    gauge.set(1)
    registerMetric(registry, { name: 'other', help: 'O', type: 'gauge', get: async () => returned, reset () {} })
    registerMetric(registry, pluginGauge('plugin_gauge'))
    for (const format of ['text', 'openmetrics'] as const) {
      const exposition = await expose(registry, format, null, () => {})
      match(exposition, /^valid 1$/m)
      match(exposition, /^plugin_gauge 2$/m)
    }
  }), RUNS))
})

/** A plugin metric with one sample, whose value is 2. */
function pluginGauge (name: string): NamedMetric {
  return registryMetric({ name, help: 'P', type: 'gauge', labelNames: [], values: () => [{ labels: {}, value: 2 }] })
}

/** Metrics without faults of all types, of prom-client and of this plugin. */
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
  return [
    ['good_total', counter],
    ['good_gauge', gauge],
    ['good_seconds', histogram],
    ['good_s', summary],
    ['good_count', neighbour],
    ['good_plugin', pluginGauge('good_plugin')]
  ]
}

const readSamples = async (
  registry: ReturnType<typeof createRegistry>,
  format: 'text' | 'openmetrics',
  onError: (metric: string) => void
): Promise<Map<string, number>> => samplesOf(checkStructure(await expose(registry, format, null, onError), format))

for (const [kind, createFaulty] of Object.entries(FAULTY_METRICS)) {
  t.test(`reports a metric that ${kind}, and exposes the others`, async t => {
    for (const format of ['text', 'openmetrics'] as const) {
      const failed: string[] = []
      const good = await readSamples(createRegistry(goodMetrics()), format, metric => { t.fail(metric) })
      const metrics: RegisteredMetric[] = [...goodMetrics(), ['faulty', createFaulty('faulty')]]
      if (!kind.startsWith('is named')) metrics.unshift(metrics.pop() as RegisteredMetric)
      const all = await readSamples(createRegistry(metrics), format, metric => { failed.push(metric) })
      for (const [name, value] of good) t.equal(all.get(name), value, name)
      t.equal(failed.length, 1)
    }
  })
}

for (const [kind, createUnusual] of Object.entries(UNUSUAL_METRICS)) {
  t.test(`exposes a metric that ${kind}`, async t => {
    for (const format of ['text', 'openmetrics'] as const) {
      const registry = createRegistry([['unusual', createUnusual('unusual')], ...goodMetrics()])
      const all = await readSamples(registry, format, metric => { t.fail(metric) })
      t.equal([...all].filter(([name, value]) => name.startsWith('unusual') && value === 1).length, 1)
    }
  })
}

t.test('writes a valid exposition with all good metrics, whatever other metrics and default labels are', async t => {
  const kinds = Object.values({ ...FAULTY_METRICS, ...UNUSUAL_METRICS })
  const anyDefaultLabels = fc.constantFrom<object>(
    {},
    { pod: 'p' },
    { pod: 'p', 'a-b': 'x' },
    { le: '1', quantile: '0.5' },
    { pod: { toString () { throw new Error('no text') } } },
    { __name__: 'x', pod: 5 }
  )
  await t.resolves(fc.assert(fc.asyncProperty(
    fc.array(fc.record({ make: fc.constantFrom(...kinds), at: fc.nat({ max: 6 }) }), { minLength: 1, maxLength: 3 }),
    anyDefaultLabels,
    fc.constantFrom('text', 'openmetrics'),
    async (others, defaultLabels, format) => {
      const good = goodMetrics()
      const metrics = [...good]
      for (const [i, { make, at }] of others.entries()) {
        const name = `other_${i}`
        // The first metric keeps a name that two metrics have. A metric with a good metric's name is added last.
        const hasGoodName = make === FAULTY_METRICS['is named as the time of creation of a good histogram']
        metrics.splice(hasGoodName ? metrics.length : at, 0, [name, make(name)])
      }
      const expected = await readSamples(createRegistry(good, defaultLabels), format, () => {})
      const registry = createRegistry(metrics, defaultLabels)
      for (let scrape = 0; scrape < 2; scrape++) {
        const all = await readSamples(registry, format, () => {})
        for (const [name, value] of expected) {
          if (all.get(name) !== value) throw new Error(`${name} is ${all.get(name)}`)
        }
      }
    }
  ), RUNS))
})

t.test('leaves out and reports a metric that has the name of a sample of another metric', async t => {
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
          /** The type of the collected family, if it differs from the type of the metric. */
          familyType: fc.option(fc.constantFrom(...TYPES), { freq: 5 })
        }),
        { minLength: 2, maxLength: 6 }
      ),
      fc.constantFrom('text', 'openmetrics'),
      async (drawn, format) => {
        const metrics = drawn.map(({ name, type, familyType }): RegisteredMetric => [
          name,
          { ...createMetric(name, createSamples(name, familyType ?? type), { type: familyType ?? type }), type }
        ])
        const reported = new Set<string>()
        const all = await readSamples(createRegistry(metrics), format, metric => { reported.add(metric) })
        if (all.size === 0) throw new Error('no metric is exposed')
        for (const [name] of metrics) {
          if (![...all.keys()].some(key => key.startsWith(name)) && !reported.has(name)) {
            throw new Error(`${name} is left out but not reported`)
          }
        }
      }
    ),
    RUNS
  ))
})

const CONTENT_TYPE = /^(text\/plain; version=0\.0\.4|application\/openmetrics-text; version=1\.0\.0); charset=utf-8$/
const HEADER_PARTS = [
  'application/openmetrics-text', 'text/plain', '*/*', ',', ';', 'q=', '0.5', 'version=', '1.0.0', '"', '\\', ' ', '=',
  'gzip', 'identity', 'é', '\t'
]

t.test('negotiates a format for any Accept and Accept-Encoding header', async t => {
  const parts = fc.array(fc.constantFrom(...HEADER_PARTS), { maxLength: 30 })
  const header = fc.oneof(fc.string({ unit: 'binary' }), parts.map(parts => parts.join('')))
  t.doesNotThrow(() => fc.assert(fc.property(header, header => {
    match(negotiateFormat(header).contentType, CONTENT_TYPE)
    strictEqual(typeof wantsGzip(header), 'boolean')
  }), { ...RUNS, numRuns: 3000 }))
})

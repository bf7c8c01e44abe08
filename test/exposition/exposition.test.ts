import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { DURATION_BUCKETS } from '../../lib/series/buckets.js'
import type { TimeSource } from '../../lib/exposition/scheduler.js'
import { Exposition } from '../../lib/exposition/exposition.js'
import { openMetricsEncoder as openMetrics, textEncoder as text } from '../../lib/exposition/text-encoder.js'
import { registryMetric } from '../../lib/registry/plugin-metric.js'
import type { HistogramFamily } from '../../lib/series/histogram-family.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose, ChunkCollector, NEVER_ABORTED } from '../fixtures/exposition/expose.js'
import { createHistogram, getSeries } from '../fixtures/histogram.js'
import { registerMetric } from '../fixtures/register-metric.js'
import { countTurns } from '../fixtures/turns.js'

const histogramOf = (registry: Registry, labelNames = ['path']): HistogramFamily =>
  createHistogram(registry, { name: 'd_seconds', help: 'Durations', labelNames, buckets: DURATION_BUCKETS })

/** A registry with a histogram of so many series, each observed once. */
function filled (series: number): { readonly registry: Registry, readonly histogram: HistogramFamily } {
  const registry = new Registry()
  const histogram = histogramOf(registry)
  for (let i = 0; i < series; i++) histogram.observe(getSeries(histogram, `/api/a-route-of-some-length/${i}`), i % 12)
  return { registry, histogram }
}

t.test('writes an empty registry', async t => {
  t.equal(await expose(new Registry()), '')
  t.equal(await expose(new Registry(), 'openmetrics'), '# EOF\n')
})

t.test('writes metrics of both makes, one family behind the other', async t => {
  const { registry, histogram } = filled(1)
  new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a'], registers: [registry] }).inc({ a: 'x"y' }, 3)
  new Gauge({ name: 'hits', help: 'A gauge', registers: [registry] }).set(NaN)
  new Counter({ name: 'cpu_seconds_total', help: 'CPU', registers: [registry] }).inc(1.5)
  new Counter({ name: 'plain', help: 'Without _total', registers: [registry] }).inc()
  new Histogram({ name: 'h', help: 'H', buckets: [1, 2.5], registers: [registry] }).observe(2)
  new Summary({ name: 's', help: 'S', percentiles: [0.5, 1], registers: [registry] }).observe(3)
  registerMetric(registry, registryMetric({ name: 'own_total', help: 'Own', type: 'counter', labelNames: ['a'], values: () => [{ labels: { a: 'é' }, value: 7 }, undefined, { labels: { a: 'f' }, value: 8 }] }))
  histogram.observe(getSeries(histogram, '/b\\"\n'), 0.01)

  const asText = await expose(registry)
  t.match(asText, '# HELP d_seconds Durations\n# TYPE d_seconds histogram\nd_seconds_bucket{path="/api/a-route-of-some-length/0",le="0.005"} 1\n')
  t.match(asText, 'd_seconds_bucket{path="/b\\\\\\"\\n",le="0.005"} 0\nd_seconds_bucket{path="/b\\\\\\"\\n",le="0.01"} 1\n')
  t.match(asText, 'd_seconds_sum{path="/b\\\\\\"\\n"} 0.01\nd_seconds_count{path="/b\\\\\\"\\n"} 1\n')
  t.match(asText, '# TYPE hits_total counter\nhits_total{a="x\\"y"} 3\n# HELP hits A gauge\n# TYPE hits gauge\nhits NaN\n')
  t.match(asText, '# TYPE s summary\ns{quantile="0.5"} 3\ns{quantile="1"} 3\ns_sum 3\ns_count 1\n')
  t.match(asText, 'own_total{a="é"} 7\nown_total{a="f"} 8\n')
  checkStructure(asText, 'text')

  const asOpenMetrics = await expose(registry, 'openmetrics')
  t.match(asOpenMetrics, '# TYPE d_seconds histogram\n# UNIT d_seconds seconds\n# HELP d_seconds Durations\n')
  t.match(asOpenMetrics, 'le="1.0"} ')
  t.match(asOpenMetrics, '# TYPE hits_total unknown\n# HELP hits_total Hits\nhits_total{a="x\\"y"} 3\n# TYPE hits gauge\n')
  t.match(asOpenMetrics, '# TYPE cpu_seconds counter\n# UNIT cpu_seconds seconds\n# HELP cpu_seconds CPU\ncpu_seconds_total 1.5\n')
  t.match(asOpenMetrics, '# TYPE plain unknown\n# HELP plain Without _total\nplain 1\n')
  t.match(asOpenMetrics, 's{quantile="1.0"} 3\n')
  t.match(asOpenMetrics, '# TYPE own counter\n')
  checkStructure(asOpenMetrics, 'openmetrics')
})

t.test('puts default labels on every sample, which has its own first, and follows them when they change', async t => {
  const { registry } = filled(1)
  const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['path'], registers: [registry] })
  gauge.set({ path: '/own' }, 1)
  new Gauge({ name: 'bare', help: 'B', registers: [registry] }).set(2)
  const exposed = new Exposition({ registry, collectTimeout: 1000, onError: (_metric, err) => { throw err } })
  for (const pod of ['a"b', 'c']) {
    registry.setDefaultLabels({ pod, path: 'default' })
    const kept = new ChunkCollector()
    await exposed.write(text, null, kept)
    const exposition = kept.toString()
    const shown = pod.replace('"', '\\"')
    t.match(exposition, `g{path="/own",pod="${shown}"} 1`)
    t.match(exposition, `bare{pod="${shown}",path="default"} 2`)
    t.match(exposition, `d_seconds_bucket{path="/api/a-route-of-some-length/0",pod="${shown}",le="0.005"} 1`)
    t.match(exposition, `d_seconds_count{path="/api/a-route-of-some-length/0",pod="${shown}"} 1`)
  }
})

t.test('does without default labels that are not valid, and says so', async t => {
  const { registry } = filled(1)
  registry.setDefaultLabels({ 'a-b': 'x' })
  const failed: string[] = []
  const families = checkStructure(await expose(registry, 'text', null, metric => { failed.push(metric) }), 'text')
  t.equal(samplesOf(families).size, 17)
  t.strictSame(failed, ['default labels'])
})

t.test('takes the default labels it was given from a registry that does not show its own', async t => {
  const { registry } = filled(1)
  const foreign = { getMetricsAsArray: () => registry.getMetricsAsArray(), getSingleMetric: () => undefined }
  const kept = new ChunkCollector()
  await new Exposition({ registry: foreign, defaultLabels: { pod: 'p' }, collectTimeout: 1000, onError: (_metric, err) => { throw err } }).write(text, null, kept)
  t.match(kept.toString(), 'd_seconds_sum{path="/api/a-route-of-some-length/0",pod="p"} 0\n')
})

t.test('writes a histogram without labels', async t => {
  const registry = new Registry()
  const histogram = histogramOf(registry, [])
  histogram.observe(histogram.refTo(0), 3)
  const families = checkStructure(await expose(registry, 'openmetrics'), 'openmetrics')
  t.equal(samplesOf(families).get('d_seconds_count[]'), 1)
})

t.test('keeps the names of counters that an OpenMetrics scrape by prom-client has cut', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  new Counter({ name: 'hits_total', help: 'Hits', registers: [registry] }).inc()
  await registry.metrics()
  for (let scrape = 0; scrape < 2; scrape++) {
    t.equal(await expose(registry), '# HELP hits_total Hits\n# TYPE hits_total counter\nhits_total 1\n')
    t.equal(await expose(registry, 'openmetrics'), '# TYPE hits counter\n# HELP hits Hits\nhits_total 1\n# EOF\n')
  }
  t.equal((await registry.getSingleMetric('hits_total')?.get())?.name, 'hits', 'what prom-client made of it')
})

t.test('shows exemplars in OpenMetrics', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  const counter = new Counter({ name: 'hits_total', help: 'Hits', registers: [registry], enableExemplars: true })
  counter.inc({ value: 2, exemplarLabels: { trace: 'x' } })
  const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [registry], enableExemplars: true })
  histogram.observe({ value: 0.5, exemplarLabels: { trace: 'y' } })
  const families = checkStructure(await expose(registry, 'openmetrics'), 'openmetrics')
  t.match(families[0]?.samples[0]?.exemplar, { value: 2, timestamp: Number })
  t.strictSame(families[0]?.samples[0]?.exemplar?.labels, new Map([['trace', 'x']]))
  t.strictSame(families[1]?.samples[0]?.exemplar?.labels, new Map([['trace', 'y']]))
  checkStructure(await expose(registry, 'text'), 'text')
})

t.test('a metric that fails is left out, whole, and the rest stands', async t => {
  const { registry } = filled(1)
  const failed: string[] = []
  registry.registerMetric(new Gauge({ name: 'broken', help: 'B', registers: [], collect () { throw new Error('broken') } }))
  const wrong = { name: 'wrong', help: 'W', type: 'gauge', async get () { return { help: 'W', type: 'gauge', values: [{ labels: {}, value: 1 }, { labels: { 'a-b': 'x' }, value: 1 }] } }, reset () {} }
  registerMetric(registry, wrong)
  new Gauge({ name: 'well', help: 'W', registers: [registry] }).set(1)
  const kept = new ChunkCollector()
  await new Exposition({ registry, collectTimeout: 1000, onError: metric => { failed.push(metric) } }).write(text, null, kept)
  t.strictSame(failed, ['broken', 'wrong'])
  t.strictSame(checkStructure(kept.toString(), 'text').map(({ name }) => name), ['d_seconds', 'well'])
})

t.test('writes only what is asked for, by the name of a metric or of a sample of it', async t => {
  const { registry } = filled(1)
  let collected = 0
  registry.registerMetric(new Gauge({ name: 'other', help: 'O', registers: [], collect () { collected++ } }))
  registry.registerMetric(new Counter({ name: 'hits_total', help: 'Hits', registers: [] }))
  const namesFor = async (...names: readonly string[]): Promise<string[]> => checkStructure(await expose(registry, 'text', names), 'text').map(({ name }) => name)
  t.strictSame(await namesFor('d_seconds'), ['d_seconds'])
  t.strictSame(await namesFor('d_seconds_bucket', 'd_seconds_count'), ['d_seconds'])
  t.strictSame(await namesFor('d_seconds_total', ''), [])
  t.equal(collected, 0, 'and asks no other')
  t.strictSame(await namesFor('hits_total', 'd_seconds_sum'), ['d_seconds', 'hits_total'])
  t.equal(collected, 1, 'but where it could fill one that is asked for')
  t.strictSame(await namesFor('other'), ['other'])
  t.equal(await expose(registry, 'openmetrics', ['none']), '# EOF\n')
  new Gauge({ name: 'hits', help: 'A gauge', registers: [registry] }).set(1)
  t.match(await expose(registry, 'openmetrics', ['hits_total']), '# TYPE hits_total unknown\n', 'of the same type as beside the others')
})

t.test('does without default labels that cannot be read, and says so', async t => {
  const { registry } = filled(1)
  Object.defineProperty(registry, '_defaultLabels', { get () { throw new Error('unreadable') } })
  const failed: string[] = []
  await expose(registry, 'text', null, metric => { failed.push(metric) })
  t.strictSame(failed, ['default labels'])
})

t.test('leaves out by which names are in the registry, also of a metric that is not asked for', async t => {
  const { registry } = filled(1)
  new Gauge({ name: 'd_seconds_count', help: 'C', registers: [registry] }).set(1)
  const failed: string[] = []
  const namesFor = async (...names: readonly string[]): Promise<string[]> =>
    checkStructure(
      await expose(registry, 'text', names, metric => {
        failed.push(metric)
      }),
      'text'
    ).map(({ name }) => name)
  t.strictSame(await namesFor('d_seconds_count'), ['d_seconds'])
  t.strictSame(failed, ['d_seconds_count'])
})

t.test('a metric may give another type than it shows, if the names of its samples are free', async t => {
  const values = [
    { labels: { le: Infinity }, value: 1, metricName: 'x_bucket' },
    { labels: {}, value: 1, metricName: 'x_sum' },
    { labels: {}, value: 1, metricName: 'x_count' }
  ]
  const metric = { name: 'x', async get () { return { help: 'X', type: 'histogram', values } }, reset () {} }
  for (const [neighbour, names] of [['y', ['x', 'y']], ['x_count', ['x_count']]] as const) {
    const registry = new Registry()
    registerMetric(registry, metric)
    new Gauge({ name: neighbour, help: 'N', registers: [registry] }).set(1)
    const failed: string[] = []
    t.strictSame(
      checkStructure(
        await expose(registry, 'text', null, name => {
          failed.push(name)
        }),
        'text'
      ).map(({ name }) => name),
      names
    )
    t.strictSame(failed, neighbour === 'y' ? [] : ['x'])
  }
})

t.test('asks whether a metric is wanted once for each of its names, however many names are asked for', async t => {
  const { registry } = filled(1)
  let compared = 0
  const names = Array.from({ length: 2000 }, (_, i) => `n${i}`)
  names.includes = () => { throw new Error('each name with each') }
  const counting = new Proxy(names, {
    get (target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) compared++
      return Reflect.get(target, key, receiver)
    }
  })
  for (let i = 0; i < 200; i++) new Gauge({ name: `g${i}`, help: 'G', registers: [registry] }).set(1)
  t.equal(await expose(registry, 'text', counting), '')
  t.ok(compared <= names.length, `${compared}`)
})

t.test('gives no exemplars to a counter that is of unknown type in OpenMetrics', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  new Counter<'trace'>({
    name: 'hits_total',
    help: 'Hits',
    labelNames: ['trace'],
    registers: [registry],
    enableExemplars: true
  }).inc({ labels: {}, value: 2, exemplarLabels: { trace: 'x' } })
  t.match(await expose(registry, 'openmetrics'), /hits_total 2 # \{trace="x"\} 2/)
  new Gauge({ name: 'hits', help: 'G', registers: [registry] }).set(1)
  t.match(await expose(registry, 'openmetrics'), 'hits_total 2\n')
})

/** A time that only the test moves. */
function stillTime (): TimeSource & { at: number } {
  const time = { at: 0, now: () => time.at, nextTurn: async () => { await nextTurn() } }
  return time
}

t.test('gives out chunks of about 64 KB, in two buffers that it writes over, and the event loop between them', async t => {
  const time = stillTime() // so that the event loop is free
  const { registry } = filled(1000)
  const { turns, stop } = countTurns()
  const turnsAt: number[] = []
  const buffers = new Set<ArrayBufferLike>()
  const sizes: number[] = []
  await new Exposition({ registry, collectTimeout: 1000, onError: (_metric, err) => { throw err }, time }).write(text, null, {
    signal: NEVER_ABORTED,
    async write (chunk) {
      turnsAt.push(turns())
      sizes.push(chunk.length)
      buffers.add(chunk.buffer)
    }
  })
  stop()
  t.ok(sizes.length > 10)
  t.ok(sizes.slice(0, -1).every(size => size >= 65_536 && size < 131_072), sizes.join())
  t.ok(turnsAt.every((turn, i) => i === 0 || turn > (turnsAt[i - 1] ?? 0)), turnsAt.join())
  t.equal(buffers.size, 2)
})

t.test('gives the event loop back while it writes little for long, in one metric or in many', async t => {
  const registry = new Registry()
  // Nothing else takes time, so that the event loop is free.
  const time = stillTime()
  const pausing = (name: string, pauses: number): void => {
    registerMetric(registry, registryMetric({
      name,
      help: 'P',
      type: 'gauge',
      labelNames: [],
      * values () {
        for (let i = 0; i < pauses; i++) {
          time.at++
          yield undefined
        }
        yield { labels: {}, value: 1 }
      }
    }))
  }
  pausing('slow', 20)
  const small = Array.from({ length: 30 }, (_, i) => `small_${i}`)
  for (const name of small) {
    registerMetric(registry, registryMetric({
      name,
      help: 'S',
      type: 'gauge',
      labelNames: [],
      values: () => {
        time.at++
        return [{ labels: {}, value: 1 }]
      }
    }))
  }
  for (const names of [['slow'], small]) {
    const { turns, stop } = countTurns()
    await new Exposition({ registry, collectTimeout: 1000, onError: (_metric, err) => { throw err }, time }).write(text, names, new ChunkCollector())
    stop()
    t.ok(turns() > 4, `${names[0]}: ${turns()} turns`)
  }
})

t.test('what it says of one series is of one moment, also when requests arrive between the slices', async t => {
  const time = stillTime() // so that the event loop is free
  const { registry, histogram } = filled(2000)
  let chunks = 0
  const kept = new ChunkCollector()
  await new Exposition({ registry, collectTimeout: 1000, onError: (_metric, err) => { throw err }, time }).write(text, null, {
    signal: NEVER_ABORTED,
    async write (chunk) {
      chunks++
      await kept.write(chunk)
      for (const index of histogram.table.indices()) histogram.observeAt(index, 0.03)
      histogram.observe(getSeries(histogram, `/new/${chunks}`), 1)
    }
  })
  t.ok(chunks > 10)
  const families = checkStructure(kept.toString(), 'text')
  const samples = samplesOf(families)
  for (let i = 0; i < 2000; i++) {
    const path = `/api/a-route-of-some-length/${i}`
    const count = samples.get(`d_seconds_count[["path","${path}"]]`) ?? NaN
    const sum = samples.get(`d_seconds_sum[["path","${path}"]]`) ?? NaN
    if (Math.abs(sum - (i % 12 + (count - 1) * 0.03)) > 1e-6) t.fail(`${path}: ${count} in ${sum} s`)
  }
  t.notOk(samples.has('d_seconds_count[["path","/new/1"]]'), 'a series that came meanwhile')
  t.match(await expose(registry), 'd_seconds_count{path="/new/1"} ', 'is in the next')
})

t.test('writes what is longer than its buffer', async t => {
  const registry = new Registry()
  const histogram = histogramOf(registry)
  const long = 'é'.repeat(50_000)
  histogram.observe(getSeries(histogram, long), 1)
  new Gauge({ name: 'g', help: long, labelNames: ['x'], registers: [registry] }).set({ x: long }, 1)
  const families = checkStructure(await expose(registry), 'text')
  t.equal(families[1]?.help, long)
  t.equal(samplesOf(families).get(`d_seconds_count[["path","${long}"]]`), 1)
})

t.test('stops when nobody wants more', async t => {
  const time = stillTime() // so that the event loop is free
  const { registry } = filled(1000)
  let chunks = 0
  await t.rejects(new Exposition({ registry, collectTimeout: 1000, onError: () => {}, time }).write(openMetrics, null, {
    signal: NEVER_ABORTED,
    async write () {
      await nextTurn()
      if (++chunks === 2) throw new Error('gone')
    }
  }), { message: 'gone' })
  t.equal(chunks, 2)
})

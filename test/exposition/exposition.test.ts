import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { DURATION_BUCKETS } from '../../lib/series/buckets.js'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import type { TimeSource } from '../../lib/exposition/scheduler.js'
import { Exposition } from '../../lib/exposition/exposition.js'
import type { ExpositionOptions } from '../../lib/exposition/exposition.js'
import type { MergedMetrics, Merger, OwnMetrics } from '../../lib/exposition/merger.js'
import { openMetricsEncoder as openMetrics, textEncoder as text } from '../../lib/exposition/text-encoder.js'
import { registryMetric } from '../../lib/registry/plugin-metric.js'
import type { Sample, ValuesMetric } from '../../lib/registry/plugin-metric.js'
import type { HistogramFamily } from '../../lib/series/histogram-family.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose, ChunkCollector, NEVER_ABORTED } from '../fixtures/exposition/expose.js'
import { createHistogram, getSeries } from '../fixtures/histogram.js'
import { registerMetric } from '../fixtures/register-metric.js'
import { countTurns } from '../fixtures/turns.js'

const histogramOf = (registry: Registry, labelNames = ['path']): HistogramFamily =>
  createHistogram(registry, { name: 'd_seconds', help: 'Durations', labelNames, buckets: DURATION_BUCKETS })

/** A registry with a histogram whose series are observed once each. */
function createFilledRegistry (series: number): { readonly registry: Registry, readonly histogram: HistogramFamily } {
  const registry = new Registry()
  const histogram = histogramOf(registry)
  for (let i = 0; i < series; i++) histogram.observe(getSeries(histogram, `/api/a-route-of-some-length/${i}`), i % 12)
  return { registry, histogram }
}

/** An exposition that throws when a metric fails. */
const createExposition = (options: Partial<ExpositionOptions> & Pick<ExpositionOptions, 'registry'>): Exposition =>
  new Exposition({ collectTimeout: 1000, onError: (_metric, err) => { throw err }, ...options })

interface Exposed {
  /** The names of the exposed families. */
  readonly names: readonly string[]
  readonly samples: ReadonlyMap<string, number>
  /** The metrics that were reported. */
  readonly failed: readonly string[]
}

/** Exposes a registry in which metrics may fail. */
async function exposeFaulty (registry: Registry, names: readonly string[] | null = null): Promise<Exposed> {
  const failed: string[] = []
  const families = checkStructure(await expose(registry, 'text', names, metric => { failed.push(metric) }), 'text')
  return { names: families.map(({ name }) => name), samples: samplesOf(families), failed }
}

/** prom-client accepts exemplars in such a registry only. */
function createOpenMetricsRegistry (): Registry {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  return registry
}

t.test('writes an empty registry', async t => {
  t.equal(await expose(new Registry()), '')
  t.equal(await expose(new Registry(), 'openmetrics'), '# EOF\n')
})

t.test('writes the families of plugin metrics and of prom-client metrics', async t => {
  const { registry, histogram } = createFilledRegistry(1)
  new Counter({ name: 'hits_total', help: 'Hits', labelNames: ['a'], registers: [registry] }).inc({ a: 'x"y' }, 3)
  new Gauge({ name: 'hits', help: 'A gauge', registers: [registry] }).set(NaN)
  new Counter({ name: 'cpu_seconds_total', help: 'CPU', registers: [registry] }).inc(1.5)
  new Counter({ name: 'plain', help: 'Without _total', registers: [registry] }).inc()
  new Histogram({ name: 'h', help: 'H', buckets: [1, 2.5], registers: [registry] }).observe(2)
  new Summary({ name: 's', help: 'S', percentiles: [0.5, 1], registers: [registry] }).observe(3)
  registerMetric(registry, registryMetric({
    name: 'plugin_total',
    help: 'Plugin',
    type: 'counter',
    labelNames: ['a'],
    values: () => [{ labels: { a: 'é' }, value: 7 }, undefined, { labels: { a: 'f' }, value: 8 }]
  }))
  histogram.observe(getSeries(histogram, '/b\\"\n'), 0.01)

  const asText = await expose(registry)
  const firstBucket = 'd_seconds_bucket{path="/api/a-route-of-some-length/0",le="0.005"} 1\n'
  t.match(asText, `# HELP d_seconds Durations\n# TYPE d_seconds histogram\n${firstBucket}`)
  const path = 'path="/b\\\\\\"\\n"'
  t.match(asText, `d_seconds_bucket{${path},le="0.005"} 0\nd_seconds_bucket{${path},le="0.01"} 1\n`)
  t.match(asText, `d_seconds_sum{${path}} 0.01\nd_seconds_count{${path}} 1\n`)
  const hits = 'hits_total{a="x\\"y"} 3\n'
  t.match(asText, `# TYPE hits_total counter\n${hits}# HELP hits A gauge\n# TYPE hits gauge\nhits NaN\n`)
  t.match(asText, '# TYPE s summary\ns{quantile="0.5"} 3\ns{quantile="1"} 3\ns_sum 3\ns_count 1\n')
  t.match(asText, 'plugin_total{a="é"} 7\nplugin_total{a="f"} 8\n')
  checkStructure(asText, 'text')

  const asOpenMetrics = await expose(registry, 'openmetrics')
  t.match(asOpenMetrics, '# TYPE d_seconds histogram\n# UNIT d_seconds seconds\n# HELP d_seconds Durations\n')
  t.match(asOpenMetrics, 'le="1.0"} ')
  t.match(asOpenMetrics, `# TYPE hits_total unknown\n# HELP hits_total Hits\n${hits}# TYPE hits gauge\n`)
  const cpuHead = '# TYPE cpu_seconds counter\n# UNIT cpu_seconds seconds\n# HELP cpu_seconds CPU\n'
  t.match(asOpenMetrics, `${cpuHead}cpu_seconds_total 1.5\n`)
  t.match(asOpenMetrics, '# TYPE plain unknown\n# HELP plain Without _total\nplain 1\n')
  t.match(asOpenMetrics, 's{quantile="1.0"} 3\n')
  t.match(asOpenMetrics, '# TYPE plugin counter\n')
  checkStructure(asOpenMetrics, 'openmetrics')
})

t.test('adds the current default labels that a sample does not have', async t => {
  const { registry } = createFilledRegistry(1)
  const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['path'], registers: [registry] })
  gauge.set({ path: '/own' }, 1)
  new Gauge({ name: 'bare', help: 'B', registers: [registry] }).set(2)
  const exposition = createExposition({ registry })
  for (const pod of ['a"b', 'c']) {
    registry.setDefaultLabels({ pod, path: 'default' })
    const chunks = new ChunkCollector()
    await exposition.write(text, null, chunks)
    const written = chunks.toString()
    const escaped = pod.replace('"', '\\"')
    t.match(written, `g{path="/own",pod="${escaped}"} 1`)
    t.match(written, `bare{pod="${escaped}",path="default"} 2`)
    t.match(written, `d_seconds_bucket{path="/api/a-route-of-some-length/0",pod="${escaped}",le="0.005"} 1`)
    t.match(written, `d_seconds_count{path="/api/a-route-of-some-length/0",pod="${escaped}"} 1`)
  }
})

t.test('leaves out default labels that are not valid, and reports them', async t => {
  const { registry } = createFilledRegistry(1)
  registry.setDefaultLabels({ 'a-b': 'x' })
  const { samples, failed } = await exposeFaulty(registry)
  t.equal(samples.size, 17)
  t.strictSame(failed, ['default labels'])
})

t.test('uses the default labels of the options for a registry that does not show its default labels', async t => {
  const { registry } = createFilledRegistry(1)
  const external = { getMetricsAsArray: () => registry.getMetricsAsArray(), getSingleMetric: () => undefined }
  const chunks = new ChunkCollector()
  await createExposition({ registry: external, defaultLabels: { pod: 'p' } }).write(text, null, chunks)
  t.match(chunks.toString(), 'd_seconds_sum{path="/api/a-route-of-some-length/0",pod="p"} 0\n')
})

t.test('writes a histogram without labels', async t => {
  const registry = new Registry()
  const histogram = histogramOf(registry, [])
  histogram.observe(histogram.refTo(0), 3)
  const families = checkStructure(await expose(registry, 'openmetrics'), 'openmetrics')
  t.equal(samplesOf(families).get('d_seconds_count[]'), 1)
})

t.test('keeps the name of a counter from which an OpenMetrics scrape by prom-client has removed _total', async t => {
  const registry = createOpenMetricsRegistry()
  new Counter({ name: 'hits_total', help: 'Hits', registers: [registry] }).inc()
  await registry.metrics()
  for (let scrape = 0; scrape < 2; scrape++) {
    t.equal(await expose(registry), '# HELP hits_total Hits\n# TYPE hits_total counter\nhits_total 1\n')
    t.equal(await expose(registry, 'openmetrics'), '# TYPE hits counter\n# HELP hits Hits\nhits_total 1\n# EOF\n')
  }
  t.equal((await registry.getSingleMetric('hits_total')?.get())?.name, 'hits', 'prom-client has changed the name')
})

t.test('writes exemplars in OpenMetrics', async t => {
  const registry = createOpenMetricsRegistry()
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

t.test('leaves out all samples of a metric that fails, and writes the other metrics', async t => {
  const { registry } = createFilledRegistry(1)
  const collect = (): void => { throw new Error('broken') }
  registry.registerMetric(new Gauge({ name: 'broken', help: 'B', registers: [], collect }))
  const values = [{ labels: {}, value: 1 }, { labels: { 'a-b': 'x' }, value: 1 }]
  const get = async (): Promise<object> => ({ help: 'W', type: 'gauge', values })
  registerMetric(registry, { name: 'invalid', help: 'W', type: 'gauge', get, reset () {} })
  new Gauge({ name: 'valid', help: 'W', registers: [registry] }).set(1)
  const { names, failed } = await exposeFaulty(registry)
  t.strictSame(failed, ['broken', 'invalid'])
  t.strictSame(names, ['d_seconds', 'valid'])
})

t.test('writes only the requested metrics, by their names or by names of their samples', async t => {
  const { registry } = createFilledRegistry(1)
  let collected = 0
  registry.registerMetric(new Gauge({ name: 'other', help: 'O', registers: [], collect () { collected++ } }))
  registry.registerMetric(new Counter({ name: 'hits_total', help: 'Hits', registers: [] }))
  const namesFor = async (...names: readonly string[]): Promise<string[]> =>
    checkStructure(await expose(registry, 'text', names), 'text').map(({ name }) => name)
  t.strictSame(await namesFor('d_seconds'), ['d_seconds'])
  t.strictSame(await namesFor('d_seconds_bucket', 'd_seconds_count'), ['d_seconds'])
  t.strictSame(await namesFor('d_seconds_total', ''), [])
  t.equal(collected, 0, 'no other metric is collected')
  t.strictSame(await namesFor('hits_total', 'd_seconds_sum'), ['d_seconds', 'hits_total'])
  t.equal(collected, 1, 'a metric that may fill a requested one is collected')
  t.strictSame(await namesFor('other'), ['other'])
  t.equal(await expose(registry, 'openmetrics', ['none']), '# EOF\n')
  new Gauge({ name: 'hits', help: 'A gauge', registers: [registry] }).set(1)
  const alone = await expose(registry, 'openmetrics', ['hits_total'])
  t.match(alone, '# TYPE hits_total unknown\n', 'a metric has the same type alone as in a full scrape')
})

t.test('leaves out default labels that cannot be read, and reports them', async t => {
  const { registry } = createFilledRegistry(1)
  Object.defineProperty(registry, '_defaultLabels', { get () { throw new Error('unreadable') } })
  t.strictSame((await exposeFaulty(registry)).failed, ['default labels'])
})

t.test('leaves out a requested metric whose name belongs to a metric that is not requested', async t => {
  const { registry } = createFilledRegistry(1)
  new Gauge({ name: 'd_seconds_count', help: 'C', registers: [registry] }).set(1)
  const { names, failed } = await exposeFaulty(registry, ['d_seconds_count'])
  t.strictSame(names, ['d_seconds'])
  t.strictSame(failed, ['d_seconds_count'])
})

t.test('accepts a type from get() that differs from the metric, if no other metric has its sample names', async t => {
  const values = [
    { labels: { le: Infinity }, value: 1, metricName: 'x_bucket' },
    { labels: {}, value: 1, metricName: 'x_sum' },
    { labels: {}, value: 1, metricName: 'x_count' }
  ]
  const metric = { name: 'x', async get () { return { help: 'X', type: 'histogram', values } }, reset () {} }
  for (const [neighbour, names, failed] of [['y', ['x', 'y'], []], ['x_count', ['x_count'], ['x']]] as const) {
    const registry = new Registry()
    registerMetric(registry, metric)
    new Gauge({ name: neighbour, help: 'N', registers: [registry] }).set(1)
    const exposed = await exposeFaulty(registry)
    t.strictSame([exposed.names, exposed.failed], [names, failed])
  }
})

t.test('reads each requested name at most once, however many metrics there are', async t => {
  const { registry } = createFilledRegistry(1)
  let reads = 0
  const names = Array.from({ length: 2000 }, (_, i) => `n${i}`)
  names.includes = () => { throw new Error('a search for each metric') }
  const counting = new Proxy(names, {
    get (target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads++
      return Reflect.get(target, key, receiver)
    }
  })
  for (let i = 0; i < 200; i++) new Gauge({ name: `g${i}`, help: 'G', registers: [registry] }).set(1)
  t.equal(await expose(registry, 'text', counting), '')
  t.ok(reads <= names.length, `${reads}`)
})

t.test('writes no exemplars for a counter that is of unknown type in OpenMetrics', async t => {
  const registry = createOpenMetricsRegistry()
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

/** A time that only the test advances. Turns of the event loop take no time, so the event loop is free. */
function createManualTime (): TimeSource & { at: number } {
  const time = { at: 0, now: () => time.at, nextTurn: async () => { await nextTurn() } }
  return time
}

t.test('writes chunks of about 64 KB with two buffers, and yields to the event loop between them', async t => {
  const { registry } = createFilledRegistry(1000)
  const { turns, stop } = countTurns()
  const turnsAt: number[] = []
  const buffers = new Set<ArrayBufferLike>()
  const sizes: number[] = []
  await createExposition({ registry, time: createManualTime() }).write(text, null, {
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

t.test('yields to the event loop in one slow metric with little text, and between many small ones', async t => {
  const registry = new Registry()
  const time = createManualTime()
  const addMetric = (name: string, values: ValuesMetric['values']): void => {
    registerMetric(registry, registryMetric({ name, help: 'H', type: 'gauge', labelNames: [], values }))
  }
  addMetric('slow', function * () {
    for (let i = 0; i < 20; i++) {
      time.at++
      yield undefined
    }
    yield { labels: {}, value: 1 }
  })
  const small = Array.from({ length: 30 }, (_, i) => `small_${i}`)
  for (const name of small) {
    addMetric(name, () => {
      time.at++
      return [{ labels: {}, value: 1 }]
    })
  }
  for (const names of [['slow'], small]) {
    const { turns, stop } = countTurns()
    await createExposition({ registry, time }).write(text, names, new ChunkCollector())
    stop()
    t.ok(turns() > 4, `${names[0]}: ${turns()} turns`)
  }
})

t.test('writes consistent numbers of a series although requests arrive between the slices', async t => {
  const { registry, histogram } = createFilledRegistry(2000)
  const collector = new ChunkCollector()
  await createExposition({ registry, time: createManualTime() }).write(text, null, {
    signal: NEVER_ABORTED,
    async write (chunk) {
      await collector.write(chunk)
      for (const index of histogram.table.indices()) histogram.observeAt(index, 0.03)
      histogram.observe(getSeries(histogram, `/new/${collector.chunks.length}`), 1)
    }
  })
  t.ok(collector.chunks.length > 10)
  const families = checkStructure(collector.toString(), 'text')
  const samples = samplesOf(families)
  for (let i = 0; i < 2000; i++) {
    const path = `/api/a-route-of-some-length/${i}`
    const count = samples.get(`d_seconds_count[["path","${path}"]]`) ?? NaN
    const sum = samples.get(`d_seconds_sum[["path","${path}"]]`) ?? NaN
    if (Math.abs(sum - (i % 12 + (count - 1) * 0.03)) > 1e-6) t.fail(`${path}: ${count} in ${sum} s`)
  }
  t.notOk(samples.has('d_seconds_count[["path","/new/1"]]'), 'a series that is added during the scrape is left out')
  t.match(await expose(registry), 'd_seconds_count{path="/new/1"} ', 'the next scrape has it')
})

t.test('writes label values and help texts that are longer than the buffer', async t => {
  const registry = new Registry()
  const histogram = histogramOf(registry)
  const long = 'é'.repeat(50_000)
  histogram.observe(getSeries(histogram, long), 1)
  new Gauge({ name: 'g', help: long, labelNames: ['x'], registers: [registry] }).set({ x: long }, 1)
  const families = checkStructure(await expose(registry), 'text')
  t.equal(families[1]?.help, long)
  t.equal(samplesOf(families).get(`d_seconds_count[["path","${long}"]]`), 1)
})

t.test('stops when the sink rejects a chunk', async t => {
  const { registry } = createFilledRegistry(1000)
  let chunks = 0
  const exposition = createExposition({ registry, onError: () => {}, time: createManualTime() })
  await t.rejects(exposition.write(openMetrics, null, {
    signal: NEVER_ABORTED,
    async write () {
      await nextTurn()
      if (++chunks === 2) throw new Error('rejected')
    }
  }), { message: 'rejected' })
  t.equal(chunks, 2)
})

/** Merges as if another process had the same counts, and one more metric. */
class Doubling implements Merger {
  readonly calls: OwnMetrics[] = []
  released = 0
  completed = 0

  async merge (own: OwnMetrics): Promise<MergedMetrics> {
    this.calls.push(own)
    const rows = [{ labels: {}, value: 2 }]
    const metrics = ['other', 'own'].map(name => ({ name, help: 'M', type: 'gauge', rows, aggregator: 'sum' }) as const)
    return { metrics, release: () => { this.released++ }, complete: () => { this.completed++ } }
  }
}

t.test('writes what a merger returns, and tells it when that is written and when it has arrived', async t => {
  const registry = new Registry()
  const values = (): Sample[] => [{ labels: {}, value: 1 }]
  const metric: ValuesMetric = { name: 'own', help: 'M', type: 'gauge', labelNames: [], values }
  registry.setDefaultLabels({ a: 'b' })
  registerMetric(registry, registryMetric(metric))
  const exposition = createExposition({ registry })
  const merger = new Doubling()
  exposition.merger = merger
  const sink = new ChunkCollector()
  const markScraped = await exposition.write(text, null, sink)
  t.strictSame(samplesOf(checkStructure(sink.toString(), 'text')), new Map([['own[]', 2], ['other[]', 2]]))
  t.match(merger.calls, [{ metrics: [{ name: 'own' }], registeredNames: new Set(['own']), defaultLabels: { a: 'b' } }])
  t.strictSame([merger.released, merger.completed], [1, 0])
  markScraped()
  t.strictSame([merger.released, merger.completed], [1, 1])
})

t.test('releases what a merger returns if the scraper disconnects', async t => {
  const exposition = createExposition({ registry: new Registry() })
  const merger = new Doubling()
  exposition.merger = merger
  const sink = { signal: NEVER_ABORTED, async write () { throw new Error('disconnected') } }
  await t.rejects(exposition.write(text, null, sink), { message: 'disconnected' })
  t.strictSame([merger.released, merger.completed], [1, 0])
})

t.test('writes the metrics of this process if a merger returns nothing', async t => {
  const { registry } = createFilledRegistry(1)
  const exposition = createExposition({ registry })
  exposition.merger = { async merge () { return null } }
  const sink = new ChunkCollector()
  await exposition.write(text, null, sink)
  t.equal(sink.toString(), await expose(registry))
})

t.test('collects all metrics for other processes', async t => {
  const { registry, histogram } = createFilledRegistry(1)
  const gauge = new Gauge({ name: 'g', help: 'G', registers: [registry] })
  gauge.set(3)
  registry.setDefaultLabels({ a: 'b' })
  const exposition = createExposition({ registry })
  const collected = await exposition.collect({ scheduler: new Scheduler(), signal: NEVER_ABORTED })
  t.strictSame(collected.defaultLabels, { a: 'b' })
  t.equal(collected.metrics[0], histogram)
  t.match(collected.metrics[1], { name: 'g', rows: [{ labels: { a: 'b' }, value: 3 }] })
})

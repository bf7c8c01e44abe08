import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { Gauge as SuccessorGauge, Registry as SuccessorRegistry } from '@prometheus-io/client'
import { collectingSteps } from '../../lib/exposition/collecting-steps.js'
import { Exposition } from '../../lib/exposition/exposition.js'
import { join } from '../../lib/registry/join.js'
import { runtimeMetrics } from '../../lib/registry/runtime.js'
import { SharedCollection } from '../../lib/registry/shared-collection.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose, ENCODERS, ChunkCollector } from '../fixtures/exposition/expose.js'

const named = (name: string, metric: object) => ({ name, metric: { async get () {}, reset () {}, ...metric } })
const filled = named('filled', { set () {} })
const collecting = named('collecting', { set () {}, collect () {} })
const collectingToo = named('collectingToo', { inc () {}, collect () {} })
const readOnly = named('readOnly', {})
const throwing = named('throwing', {})
Object.defineProperty(throwing.metric, 'collect', { get () { throw new Error('read') } })
const all = [filled, collecting, collectingToo, readOnly, throwing]

t.test('collects only requested metrics, after all metrics that may fill them', async t => {
  const table: ReadonlyArray<[string, typeof all, typeof all[]]> = [
    ['no metric', [], []],
    ['a metric with its own collect()', [collecting], [[collecting]]],
    ['a metric without write methods', [readOnly], [[readOnly]]],
    ['a metric that another may fill', [filled], [[collecting, collectingToo], [filled]]],
    ['both', [filled, readOnly], [[collecting, collectingToo, readOnly], [filled]]],
    ['all', all, [[collecting, collectingToo, readOnly, throwing], [filled]]]
  ]
  const namesOf = (steps: ReadonlyArray<typeof all>) => steps.map(step => step.map(({ name }) => name))
  for (const [name, requested, steps] of table) {
    t.strictSame(namesOf(collectingSteps(all, requested)), namesOf(steps), name)
  }
  t.strictSame(collectingSteps([filled], [filled]), [[filled]], 'no metric has a collect()')
})

const valueOf = (text: string, key: string): number | undefined => samplesOf(checkStructure(text, 'text')).get(key)

for (const [when, wait] of [['synchronously', async () => {}], ['asynchronously', nextTurn]] as const) {
  for (const order of ['before', 'after']) {
    const name = `exposes a metric alone with its value of a full scrape: filled ${when}, ${order} its filler`
    t.test(name, async t => {
      const registry = new Registry()
      let scrapes = 0
      const filler = new Gauge({
        name: 'filler',
        help: 'F',
        registers: [],
        async collect () {
          await wait()
          gauge.set(++scrapes)
          counter.inc({ a: 'x' })
          histogram.observe(scrapes)
        }
      })
      const gauge = new Gauge({ name: 'gauge', help: 'G', registers: [] })
      const counter = new Counter({ name: 'n_total', help: 'N', labelNames: ['a'], registers: [] })
      const histogram = new Histogram({ name: 'h', help: 'H', buckets: [1], registers: [] })
      const filled = [gauge, counter, histogram]
      const metrics = order === 'before' ? [...filled, filler] : [filler, ...filled]
      for (const metric of metrics) registry.registerMetric(metric)

      const keys = { gauge: 'gauge[]', n_total: 'n_total[["a","x"]]', h: 'h_count[]' }
      for (const [name, key] of Object.entries(keys)) {
        const before = scrapes
        const text = await expose(registry, 'text', [name])
        t.equal(valueOf(text, key), before + 1, name)
        t.strictSame(checkStructure(text, 'text').map(family => family.name), [name], 'no other metric is exposed')
      }
      const before = scrapes
      const samples = samplesOf(checkStructure(await expose(registry), 'text'))
      for (const key of Object.values(keys)) t.equal(samples.get(key), before + 1, `${key} in a full scrape`)
      t.equal(scrapes, before + 1, 'collected once')
    })
  }
}

t.test("exposes each of prom-client's runtime metrics when it is requested alone", async t => {
  const names = (() => {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    return registry.getMetricsAsArray().map(({ name }) => name)
  })()
  // The excluded metrics may have no value in the first scrape.
  for (const name of names.filter(name => !/_gc_|^nodejs_(active|eventloop_lag_seconds)/.test(name))) {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry, labels: { only: name } })
    t.match(await expose(registry, 'text', [name]), `only="${name}"`, name)
  }
})

t.test("exposes a metric of prom-client's successor that another metric fills", async t => {
  const registry = new SuccessorRegistry()
  const filled = new SuccessorGauge({ name: 'filled', help: 'F', registers: [registry] })
  const filler = new SuccessorGauge({ name: 'filler', help: 'F', registers: [], collect () { filled.set(7) } })
  registry.registerMetric(filler)
  t.equal(valueOf(await expose(registry, 'text', ['filled']), 'filled[]'), 7)
})

t.test('exposes a requested metric although another metric fails', async t => {
  const registry = new Registry()
  const failed: string[] = []
  const broken = new Gauge({ name: 'broken', help: 'B', registers: [], collect () { throw new Error('broken') } })
  registry.registerMetric(broken)
  new Gauge({ name: 'well', help: 'W', registers: [registry] }).set(1)
  const text = await expose(registry, 'text', ['well'], metric => { failed.push(metric) })
  t.equal(text, '# HELP well W\n# TYPE well gauge\nwell 1\n')
  t.strictSame(failed, ['broken'], 'the failure is reported, as in a full scrape')
})

t.test('reads the runtime metrics together although slices end between them', async t => {
  const registry = new Registry()
  let now = 0
  const slow = (name: string): Gauge => new Gauge({
    name,
    help: 'S',
    registers: [registry],
    collect () { now += 2 }
  })
  slow('before')
  const [first, ...rest] = runtimeMetrics(registry, { labels: { case: 'slices' } })
  if (first === undefined) throw new Error('no runtime metrics')
  join(registry, [first])
  for (let i = 0; i < 10; i++) slow(`between_${i}`)
  join(registry, rest)
  await new Promise(resolve => { setTimeout(resolve, 50) })
  const chunks = new ChunkCollector()
  const time = { now: () => now, nextTurn }
  const onError = (_metric: string, err: unknown): void => { throw err }
  await new Exposition({ registry, collectTimeout: 5000, onError, time }).write(ENCODERS.text, null, chunks)
  const samples = samplesOf(checkStructure(chunks.toString(), 'text'))
  const mean = samples.get('nodejs_eventloop_lag_mean_seconds[["case","slices"]]') ?? NaN
  t.ok(mean > 0, 'a second reading would return NaN')
})

t.test('calls a runtime metric that hangs only once, and does not wait for it again', async t => {
  let calls = 0
  const hanging = {
    name: 'hanging',
    help: 'H',
    type: 'gauge',
    labelNames: [],
    collect () {},
    async get () { calls++; return await new Promise<never>(() => {}) },
    reset () {}
  }
  const registry = new Registry()
  join(registry, new SharedCollection([hanging]).views())
  const failed: string[] = []
  const exposition = new Exposition({ registry, collectTimeout: 1, onError: metric => { failed.push(metric) } })
  for (let scrape = 1; scrape <= 3; scrape++) {
    await exposition.write(ENCODERS.text, null, new ChunkCollector())
    t.strictSame([failed.length, calls], [scrape, 1])
    for (let turn = 0; turn < 3; turn++) await nextTurn()
  }
})

t.test('leaves out only the runtime metric that fails', async t => {
  const { cpuUsage } = process
  t.teardown(() => { process.cpuUsage = cpuUsage })
  const registry = new Registry()
  join(registry, runtimeMetrics(registry, { labels: { case: 'failing' } }))
  process.cpuUsage = () => { throw new Error('no usage') }
  const failed: string[] = []
  const text = await expose(registry, 'text', null, metric => { failed.push(metric) })
  t.strictSame(failed, ['process_cpu_user_seconds_total'])
  t.match(text, 'nodejs_heap_size_used_bytes{case="failing"} ')
})

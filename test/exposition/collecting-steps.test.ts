import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { Gauge as SuccessorGauge, Registry as SuccessorRegistry } from '@prometheus-io/client'
import { collectingSteps } from '../../lib/exposition/collecting-steps.js'
import { Exposition } from '../../lib/exposition/exposition.js'
import type { ReadableRegistry } from '../../lib/exposition/exposition.js'
import { join } from '../../lib/registry/join.js'
import { runtimeMetrics } from '../../lib/registry/runtime.js'
import { SharedCollection } from '../../lib/registry/shared-collection.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose, ENCODERS, ChunkCollector } from '../fixtures/exposition/expose.js'

const named = (name: string, metric: object) => ({ name, metric: { async get () {}, reset () {}, ...metric } })
const filled = named('filled', { set () {} })
const collecting = named('collecting', { set () {}, collect () {} })
const unwanted = named('unwanted', { inc () {}, collect () {} })
const readOnly = named('readOnly', {})
const throwing = named('throwing', {})
Object.defineProperty(throwing.metric, 'collect', { get () { throw new Error('read') } })
const all = [filled, collecting, unwanted, readOnly, throwing]

t.test('asks only what is wanted, and all that could fill what is wanted before that', t => {
  const table: ReadonlyArray<[string, typeof all, typeof all[]]> = [
    ['nothing', [], []],
    ['one that collects itself', [collecting], [[collecting]]],
    ['one that nobody writes to', [readOnly], [[readOnly]]],
    ['one that another may fill', [filled], [[collecting, unwanted], [filled]]],
    ['both', [filled, readOnly], [[collecting, unwanted, readOnly], [filled]]],
    ['all', all, [[collecting, unwanted, readOnly, throwing], [filled]]]
  ]
  const namesOf = (steps: ReadonlyArray<typeof all>) => steps.map(step => step.map(({ name }) => name))
  for (const [name, wanted, steps] of table) t.strictSame(namesOf(collectingSteps(all, wanted)), namesOf(steps), name)
  t.strictSame(collectingSteps([filled], [filled]), [[filled]], 'where nothing collects')
  t.end()
})

const valueOf = (text: string, key: string): number | undefined => samplesOf(checkStructure(text, 'text')).get(key)

for (const [how, wait] of [['at once', async () => {}], ['later', nextTurn]] as const) {
  for (const order of ['before', 'behind']) {
    const name = `a metric that another fills ${how} has the same value alone as in a full scrape, with the other ${order} it`
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
      for (const metric of order === 'before' ? [filler, ...filled] : [...filled, filler]) registry.registerMetric(metric)

      const keys = { gauge: 'gauge[]', n_total: 'n_total[["a","x"]]', h: 'h_count[]' }
      for (const [name, key] of Object.entries(keys)) {
        const before = scrapes
        const text = await expose(registry, 'text', [name])
        t.equal(valueOf(text, key), before + 1, name)
        t.strictSame(checkStructure(text, 'text').map(family => family.name), [name], 'and no other')
      }
      const before = scrapes
      const samples = samplesOf(checkStructure(await expose(registry), 'text'))
      for (const key of Object.values(keys)) t.equal(samples.get(key), before + 1, `${key} in a full scrape`)
      t.equal(scrapes, before + 1, 'collected once')
    })
  }
}

t.test("each of prom-client's runtime metrics in a given registry has its series alone", async t => {
  const names = (() => {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    return registry.getMetricsAsArray().map(({ name }) => name)
  })()
  // What these tell comes after the first scrape, if at all.
  for (const name of names.filter(name => !/_gc_|^nodejs_(active|eventloop_lag_seconds)/.test(name))) {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry, labels: { only: name } })
    t.match(await expose(registry, 'text', [name]), `only="${name}"`, name)
  }
})

t.test("a metric of prom-client's successor that another fills has the same value alone", async t => {
  const registry = new SuccessorRegistry()
  const filled = new SuccessorGauge({ name: 'filled', help: 'F', registers: [registry] })
  const filler = new SuccessorGauge({ name: 'filler', help: 'F', registers: [], collect () { filled.set(7) } })
  registry.registerMetric(filler)
  t.equal(valueOf(await expose(registry, 'text', ['filled']), 'filled[]'), 7)
})

t.test('what fails beside a metric that is wanted alone does not fail that', async t => {
  const registry = new Registry()
  const failed: string[] = []
  const broken = new Gauge({ name: 'broken', help: 'B', registers: [], collect () { throw new Error('broken') } })
  registry.registerMetric(broken)
  new Gauge({ name: 'well', help: 'W', registers: [registry] }).set(1)
  const text = await expose(registry, 'text', ['well'], metric => { failed.push(metric) })
  t.equal(text, '# HELP well W\n# TYPE well gauge\nwell 1\n')
  t.strictSame(failed, ['broken'], 'but counted, as in a full scrape')
})

t.test('runtime metrics are read together in a scrape whose slices end between them', async t => {
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
  if (first === undefined) throw new Error('there are some')
  join(registry, [first])
  for (let i = 0; i < 10; i++) slow(`between_${i}`)
  join(registry, rest)
  await new Promise(resolve => { setTimeout(resolve, 50) })
  const kept = new ChunkCollector()
  const time = { now: () => now, nextTurn }
  await new Exposition({ registry: registry as unknown as ReadableRegistry, collectTimeout: 5000, onError: (_metric, err) => { throw err }, time }).write(ENCODERS.text, null, kept)
  const samples = samplesOf(checkStructure(kept.toString(), 'text'))
  const mean = samples.get('nodejs_eventloop_lag_mean_seconds[["case","slices"]]') ?? NaN
  t.ok(mean > 0, 'not NaN, as after a second reading')
})

t.test('one that hangs among the runtime metrics is asked once, and costs later scrapes no time', async t => {
  let asked = 0
  const hanging = { name: 'hanging', help: 'H', type: 'gauge', labelNames: [], collect () {}, async get () { asked++; return await new Promise<never>(() => {}) }, reset () {} }
  const registry = new Registry()
  join(registry, new SharedCollection([hanging]).views())
  const failed: string[] = []
  const exposition = new Exposition({ registry: registry as unknown as ReadableRegistry, collectTimeout: 1, onError: metric => { failed.push(metric) } })
  for (let scrape = 1; scrape <= 3; scrape++) {
    await exposition.write(ENCODERS.text, null, new ChunkCollector())
    t.strictSame([failed.length, asked], [scrape, 1])
    for (let turn = 0; turn < 3; turn++) await nextTurn()
  }
})

t.test('one that fails among the runtime metrics is left out alone', async t => {
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

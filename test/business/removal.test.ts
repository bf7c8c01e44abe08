import t from 'tap'
import type { Test } from 'tap'
import type { Registry } from 'prom-client'
import { createMeasuredFastify } from '../fixtures/app.js'
import { readSamples } from '../fixtures/samples.js'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import type { Family } from '../../lib/series/family.js'
import type { HandleMetric, MetricDefinition } from '../../lib/types/index.js'

type Labels = Readonly<Record<string, unknown>>

/** The methods of a handle of any type that these tests call. */
interface Handle {
  readonly metric: HandleMetric
  remove (labels?: unknown): void
  inc (labels?: Labels): void
  observe (labels: Labels, value: number): void
  labels (labels: Labels): { inc (): void, observe (value: number): void }
}

const TYPES = ['counter', 'gauge', 'histogram'] as const
type Type = typeof TYPES[number]

/** A metric of this type with these labels, and functions that use it. */
async function setUp (t: Test, type: Type, labels: Record<string, readonly string[]>, maxSeries = 10) {
  const name = type === 'counter' ? 'm_total' : 'm'
  const buckets = type === 'histogram' && { buckets: [1] }
  const definition = { type, name, help: 'Calls', labels, ...buckets } as MetricDefinition
  const fastify = await createMeasuredFastify(t, { dynoai: false, maxSeries, metrics: { m: definition } })
  const { registry } = fastify.metrics
  const handle = (fastify.metrics as unknown as { m: Handle }).m
  const isCount = type === 'histogram' ? /^m_count/ : /^m/
  return {
    registry,
    handle,
    remove: (...args: readonly unknown[]) => { handle.metric.remove(...args) },
    count: (given: Labels = {}) => { type === 'histogram' ? handle.observe(given, 0.5) : handle.inc(given) },
    /** The count of each series, by its label values. */
    counts: async () => {
      const found = Object.entries(await readSamples(registry, 'm')).filter(([name]) => isCount.test(name))
      const texts = (name: string): string => [...name.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join('|')
      return Object.fromEntries(found.map(([name, value]) => [texts(name), value]))
    },
    /** The numbers of errors and of overflowing calls. */
    errorsAndOverflows: async () => {
      const all = await readSamples(registry, 'dynoai_metrics_')
      return ['errors', 'overflow'].map(kind => all[`dynoai_metrics_${kind}_total{metric="${name}"}`])
    }
  }
}

for (const type of TYPES) {
  t.test(`${type}: the one series that stays of a hundred keeps its labels`, async t => {
    const { count, counts, remove, errorsAndOverflows } = await setUp(t, type, { room: [], kind: ['a', 'b'] })
    for (let i = 0; i < 100; i++) {
      count({ room: i, kind: 'a' })
      if (i === 99) break
      if (i % 2 === 0) remove({ kind: 'a', room: i })
      else remove(String(i), 'a')
    }
    t.strictSame(await counts(), { '99|a': 1 })
    t.strictSame(await errorsAndOverflows(), [0, 0])
  })

  t.test(`${type}: a bound handle adds a removed series again, from 0 and within maxSeries`, async t => {
    const { handle, count, counts, remove } = await setUp(t, type, { room: [] }, 2)
    const bound = handle.labels({ room: 'x' })
    const countBound = () => { type === 'histogram' ? bound.observe(0.5) : bound.inc() }
    for (let i = 0; i < 3; i++) countBound()
    remove('x')
    t.strictSame(await counts(), {})
    countBound()
    for (const room of ['y', 'z', 'x']) count({ room })
    t.strictSame(await counts(), { x: 2, y: 1, __overflow__: 1 })
  })

  t.test(`${type}: a reset of the metric or of the registry frees the full capacity`, async t => {
    const { registry, handle, count, counts } = await setUp(t, type, { room: [] }, 2)
    for (const reset of [() => { handle.metric.reset() }, () => { registry.resetMetrics() }]) {
      for (const room of ['a', 'b', 'c']) count({ room })
      reset()
      t.strictSame(await counts(), {})
      for (const room of ['d', 'e']) count({ room })
      t.strictSame(await counts(), { d: 1, e: 1 })
      reset()
    }
  })

  t.test(`${type}: the overflow series can be removed, and starts at 0 again`, async t => {
    const { count, counts, remove } = await setUp(t, type, { room: [], kind: [] }, 1)
    for (const room of ['a', 'b', 'c']) count({ room, kind: 'k' })
    remove({ room: '__overflow__', kind: '__overflow__' })
    t.strictSame(await counts(), { 'a|k': 1 })
    count({ room: 'd', kind: 'k' })
    t.strictSame(await counts(), { 'a|k': 1, '__overflow__|__overflow__': 1 })
    remove('a', 'k')
    for (const room of ['e', 'f']) count({ room, kind: 'k' })
    t.strictSame(await counts(), { 'e|k': 1, '__overflow__|__overflow__': 2 }, 'one slot was freed')
  })

  t.test(`${type}: removal sets a series with only listed values to 0`, async t => {
    const { count, counts, remove } = await setUp(t, type, { kind: ['a', 'b'] }, 2)
    count({ kind: 'a' })
    count({ kind: 'b' })
    remove({ kind: 'a' })
    t.strictSame(await counts(), { a: 0, b: 1 })
    count({ kind: 'a' })
    t.strictSame(await counts(), { a: 1, b: 1 })

    const plain = await setUp(t, type, {})
    plain.count()
    plain.remove()
    t.strictSame(await plain.counts(), { '': 0 })
    plain.count()
    t.strictSame(await plain.counts(), { '': 1 })
  })

  t.test(`${type}: removal of a series that does not exist changes nothing`, async t => {
    const { count, counts, remove, errorsAndOverflows } = await setUp(t, type, { a: [], b: [] }, 1)
    count({ a: 'x', b: 'y' })
    const before = await counts()
    const cases = [
      [{ a: 'z', b: 'y' }], [{ a: 'x' }], [{}], [{ a: 'x', b: undefined }], ['x', 'z'],
      [{ a: 'x'.repeat(257), b: 'y' }],
      // prom-client cannot distinguish these labels from `{ a: 'x', b: 'y' }`.
      [{ a: 'x,b:y' }]
    ]
    for (const args of cases) remove(...args)
    t.strictSame(await counts(), before)
    count({ a: 'z', b: 'y' })
    t.strictSame(await counts(), { ...before, '__overflow__|__overflow__': 1 }, 'no slot was freed')
    t.strictSame(await errorsAndOverflows(), [0, 1])
  })

  t.test(`${type}: remove() of the metric throws for wrong labels, and removes nothing`, async t => {
    const { count, counts, remove } = await setUp(t, type, { a: [], b: [] })
    count({ a: 'x', b: 'y' })
    for (const args of [[], ['x'], ['x', 'y', 'z'], [{ a: 'x', b: 'y', c: 'z' }]]) {
      t.throws(() => { remove(...args) }, JSON.stringify(args))
    }
    t.throws(() => { remove(null) })
    t.strictSame(await counts(), { 'x|y': 1 })
  })

  t.test(`${type}: a listener hears of each removal and reset, with the labels of the series`, async t => {
    const { registry, handle, remove, count } = await setUp(t, type, { a: [], kind: ['x', 'y'] }, 2)
    const family = pluginMetricOf(handle.metric) as Family
    const heard: unknown[] = []
    family.listener = {
      removed: (metric, labelValues) => { heard.push([metric, ...labelValues]) },
      reset: metric => { heard.push(`${metric} was reset`) }
    }
    for (const a of ['1', '2', '3']) count({ a, kind: 'x' })
    t.strictSame(heard, [], 'not of the overflow')
    handle.remove({ kind: 'x', a: 1 })
    remove({ a: '2', kind: 'x' })
    remove('4', 'y')
    for (const labels of [{ a: '1', kind: 'z' }, { a: 'z'.repeat(257), kind: 'x' }]) handle.remove(labels)
    remove('z'.repeat(257), 'x')
    handle.metric.reset()
    registry.resetMetrics()
    const { name } = family
    const resets = [`${name} was reset`, `${name} was reset`]
    t.strictSame(heard, [[name, '1', 'x'], [name, '2', 'x'], [name, '4', 'y'], ...resets])
  })

  t.test(`${type}: remove() of the handle removes a series, and never throws`, async t => {
    const { handle, count, counts, errorsAndOverflows } = await setUp(t, type, { a: [], kind: ['x', 'y'] })
    for (const a of ['1', '2', '3']) count({ a, kind: 'x' })
    handle.remove({ a: 1, kind: 'x' })
    const { remove } = handle
    remove({ kind: 'x', a: '2' })
    for (const labels of [{ a: '3', kind: 'y' }, { a: 'z'.repeat(257), kind: 'x' }]) remove(labels)
    t.strictSame(await counts(), { '3|x': 1 })
    t.strictSame(await errorsAndOverflows(), [0, 0], 'a series that does not exist is not an error')
    const unreadable = { kind: 'x', get a () { throw new Error('read') } }
    const wrong: readonly unknown[] = [
      undefined, null, 5, [], { a: '3' }, { a: '3', kind: 'none' }, { a: '3', kind: 'x', more: 'x' }, unreadable
    ]
    for (const labels of wrong) t.doesNotThrow(() => { remove(labels) })
    t.strictSame(await errorsAndOverflows(), [wrong.length, 0])
    t.strictSame(await counts(), { '3|x': 1 })
  })

  t.test(`${type}: removal converts labels to strings as the handle does`, async t => {
    const { handle, count, counts, remove } = await setUp(t, type, { room: [] })
    for (const room of [1, null, true, ['a', 'b'], 'cafe🚀'.slice(0, 5)]) {
      count({ room })
      remove({ room })
      t.strictSame(await counts(), {})
    }
    const room = '\uD83D'
    count({ room })
    handle.metric.remove(room.toWellFormed())
    t.strictSame(await counts(), {})
  })

  t.test(`${type}: a metric that was removed from the registry still records calls`, async t => {
    const ways = [
      (registry: Registry) => { registry.removeSingleMetric(type === 'counter' ? 'm_total' : 'm') },
      (registry: Registry) => { registry.clear() }
    ]
    for (const removeFrom of ways) {
      const { registry, handle, count, counts, remove } = await setUp(t, type, { room: [] }, 1)
      count({ room: 'a' })
      removeFrom(registry)
      t.doesNotThrow(() => { count({ room: 'a' }) })
      t.doesNotThrow(() => { remove('a') })
      count({ room: 'b' })
      t.strictSame(await counts(), {})
      const { values } = await handle.metric.get()
      t.ok(values.length > 0 && values.every(({ labels }) => labels['room'] === 'b'))
    }
  })
}

t.test('a gauge whose collect function fails has no sample, not even 0', async t => {
  const collect = () => { throw new Error('fails') }
  const m = { type: 'gauge', name: 'm', help: 'M', collect } as const
  const fastify = await createMeasuredFastify(t, { dynoai: false, metrics: { m } })
  t.strictSame(await readSamples(fastify.metrics.registry, 'm'), {})
})

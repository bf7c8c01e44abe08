import t from 'tap'
import { isSummed, mergeSamples } from '../../lib/processes/merge-samples.js'
import type { MergedSamples, SlotSamples } from '../../lib/processes/merge-samples.js'
import type { DatedFamily } from '../../lib/processes/samples-format.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { byUser, datedFamily, histogram, summary, valuesOf } from '../fixtures/processes/sampled-families.js'
import type { PlainMetric } from '../fixtures/processes/sampled-families.js'

const isRuntime = (name: string): boolean => name.startsWith('process_')

/** A slot with families of a running process, and with those of one that has exited. */
const slotOf = (slot: number, living: readonly DatedFamily[], exited: readonly DatedFamily[] = []): SlotSamples =>
  ({ slot, parts: [{ families: exited, isLiving: false }, { families: living, isLiving: true }] })

const merge = (slots: readonly SlotSamples[]): MergedSamples => runToEnd(mergeSamples(slots, isRuntime))

const merged = (slots: readonly SlotSamples[]): Record<string, number> => valuesOf(merge(slots).families.values())

type Metrics = readonly [first: PlainMetric, second: PlainMetric, exited: PlainMetric]

/** Merges one metric of two running processes, and of one that has exited, and returns the values. */
function mergeThree (name: string, [first, second, exited]: Metrics): Record<string, number> {
  const families = (metric: PlainMetric): DatedFamily[] => [datedFamily(name, metric)]
  return merged([slotOf(1, families(second)), slotOf(0, families(first)), slotOf(2, [], families(exited))])
}

t.test('which metrics are summed over processes that have exited', async t => {
  const cases: ReadonlyArray<readonly [type: string, aggregator: DatedFamily['aggregator'], expected: boolean]> = [
    ['counter', 'sum', true], ['counter', 'max', false], ['counter', 'omit', false], ['gauge', 'sum', false],
    ['histogram', 'sum', true], ['histogram', 'max', true], ['histogram', 'omit', false], ['summary', 'sum', true],
    ['summary', 'average', true], ['summary', 'omit', false], ['untyped', 'sum', false]
  ]
  for (const [type, aggregator, expected] of cases) t.equal(isSummed({ type, aggregator }), expected, type + aggregator)
})

t.test('sums counters, histograms and summaries over running and exited processes', async t => {
  t.strictSame(
    mergeThree('c_total', [
      byUser('counter', { a: 1, b: 2 }), byUser('counter', { a: 10 }), byUser('counter', { c: 5 })
    ]),
    { 'c_total{user=a}': 11, 'c_total{user=b}': 2, 'c_total{user=c}': 5 }
  )
  t.strictSame(mergeThree('h', [
    histogram('h', { 1: 1, '+Inf': 2 }, 5), histogram('h', { 1: 10, '+Inf': 20 }, 50),
    histogram('h', { 1: 100, '+Inf': 200 }, 500)
  ]), { 'h_bucket{le=1}': 111, 'h_bucket{le=Infinity}': 222, 'h_sum{}': 555, 'h_count{}': 222 })
  t.strictSame(mergeThree('s', [
    summary('s', { median: 1, sum: 1, count: 2 }), summary('s', { median: 1, sum: 10, count: 20 }),
    summary('s', { median: 1, sum: 100, count: 200 })
  ]), { 's_sum{}': 111, 's_count{}': 222 })
})

t.test('keeps the quantiles of a single running process', async t => {
  const familiesOf = (n: number): DatedFamily[] => [datedFamily('s', summary('s', { median: n, sum: n, count: n }))]
  const [living, exited] = [familiesOf(1), familiesOf(10)]
  t.strictSame(merged([slotOf(0, living, exited)]), { 's_sum{}': 11, 's_count{}': 11, 's{quantile=0.5}': 1 })
  t.strictSame(merged([slotOf(0, [], exited)]), { 's_sum{}': 10, 's_count{}': 10 })
})

t.test('merges gauges of running processes by their aggregators', async t => {
  const expected = { sum: 8, first: 3, min: 3, max: 5, average: 4 }
  for (const [aggregator, value] of Object.entries(expected)) {
    const gauge = (a: number): PlainMetric => byUser('gauge', { a }, aggregator)
    t.strictSame(mergeThree('g', [gauge(3), gauge(5), gauge(100)]), { 'g{user=a}': value }, aggregator)
  }
  const max = (a: number): PlainMetric => byUser('counter', { a }, 'max')
  t.strictSame(mergeThree('c_total', [max(3), max(5), max(100)]), { 'c_total{user=a}': 5 })
  for (const type of ['gauge', 'counter']) {
    t.strictSame(merged([slotOf(0, [datedFamily('x', byUser(type, { a: 1 }, 'omit'))])]), {})
  }
})

t.test('a counter that was summed before is that of running processes', async t => {
  const exited = datedFamily('c_total', byUser('counter', { a: 100 }), 1)
  const living = datedFamily('c_total', byUser('counter', { a: 1 }, 'max'), 2)
  t.strictSame(merged([slotOf(0, [living], [exited])]), { 'c_total{user=a}': 1 })
})

t.test('runtime metrics have the series of each running process, with its slot as a label', async t => {
  const name = 'process_cpu_seconds_total'
  const metric = byUser('counter', { a: 1 }, 'omit')
  t.strictSame(mergeThree(name, [metric, metric, metric]), {
    [`${name}{user=a,worker=0}`]: 1, [`${name}{user=a,worker=1}`]: 1
  })
  const withWorker = { type: 'gauge', values: [{ value: 3, labels: { worker: 'x' } }] }
  t.strictSame(merged([slotOf(7, [datedFamily('process_x', withWorker)])]), { 'process_x{worker=7}': 3 })
})

t.test('the newest process decides the type, the help and the aggregator', async t => {
  const slots = [
    slotOf(0, [datedFamily('x', { ...byUser('gauge', { a: 1 }, 'max'), help: 'new' }, 9)]),
    slotOf(1, [datedFamily('x', { ...byUser('gauge', { a: 3 }), help: 'old' }, 2)]),
    slotOf(2, [datedFamily('x', byUser('counter', { a: 7 }), 3)], [datedFamily('x', byUser('counter', { a: 7 }), 1)])
  ]
  const { families, conflicts } = merge(slots)
  t.strictSame(valuesOf(families.values()), { 'x{user=a}': 3 })
  t.match(families.get('x'), { help: 'new', type: 'gauge', aggregator: 'max', since: 9 })
  t.strictSame(conflicts, [{ slot: 2, name: 'x', isInherited: true }, { slot: 2, name: 'x', isInherited: false }])
})

t.test('leaves out histograms with other buckets than the newest process, for each series', async t => {
  const [oldBuckets, newBuckets] = [{ 1: 1, '+Inf': 2 }, { 5: 10, '+Inf': 20 }]
  const slots = [
    slotOf(
      0, [datedFamily('h', histogram('h', oldBuckets, 1), 1)], [datedFamily('h', histogram('h', newBuckets, 2), 0)]
    ),
    slotOf(1, [datedFamily('h', histogram('h', newBuckets, 3), 2)]),
    slotOf(2, [datedFamily('h', histogram('h', { 1: 1, 2: 2, '+Inf': 3 }, 4), 1)])
  ]
  const { families, conflicts } = merge(slots)
  t.strictSame(valuesOf(families.values()), {
    'h_bucket{le=5}': 20, 'h_bucket{le=Infinity}': 40, 'h_sum{}': 5, 'h_count{}': 40
  })
  t.strictSame(conflicts, [{ slot: 0, name: 'h', isInherited: false }, { slot: 2, name: 'h', isInherited: false }])
})

t.test('a takeover does not change the last digit of a sum', async t => {
  // (0.1 + 0.2) + 0.3 is 0.6000000000000001, and 0.1 + (0.2 + 0.3) is 0.6.
  const familiesOf = (a: number): DatedFamily[] => [datedFamily('c_total', byUser('counter', { a }))]
  const [a, b, c] = [familiesOf(0.1), familiesOf(0.2), familiesOf(0.3)]
  const before = merged([slotOf(0, a), slotOf(1, c, b)])
  const inherited = merge([{ slot: 1, parts: [b, c].map(families => ({ families, isLiving: false })) }])
  const after = merged([slotOf(0, a), slotOf(1, [], [...inherited.families.values()])])
  t.strictSame(before, { 'c_total{user=a}': 0.6 })
  t.strictSame(after, before)
})

t.test('the exemplars of processes that have exited are left out', async t => {
  const metric = { type: 'counter', values: [{ value: 1, exemplar: { labelSet: { trace: 'x' }, value: 1 } }] }
  const family = datedFamily('c_total', metric)
  const rowOf = (slot: SlotSamples): unknown => merge([slot]).families.get('c_total')?.rows[0]?.exemplar
  t.strictSame(rowOf(slotOf(0, [family])), { labelSet: { trace: 'x' }, value: 1 })
  t.equal(rowOf(slotOf(0, [], [family])), undefined)
})

t.test('does not change what it merges', async t => {
  const families = [
    datedFamily('c_total', byUser('counter', { a: 1 })), datedFamily('g', byUser('gauge', { a: 1 })),
    datedFamily('process_x', byUser('gauge', { a: 1 })), datedFamily('h', histogram('h', { '+Inf': 2 }, 5))
  ]
  const before = JSON.stringify(families)
  const slots = [slotOf(0, families, families), slotOf(1, families)]
  t.strictSame(merged(slots), merged(slots))
  t.equal(JSON.stringify(families), before)
})

t.test('pauses in proportion to the samples and to the families', async t => {
  const pausesOf = (slots: readonly SlotSamples[]): number => {
    const steps = mergeSamples(slots, isRuntime)
    let pauses = 0
    while (steps.next().done !== true) pauses++
    return pauses
  }
  const users = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`user-${i}`, 1]))
  for (const [name, type] of [['c_total', 'counter'], ['g', 'gauge'], ['process_x', 'gauge']] as const) {
    const families = [datedFamily(name, byUser(type, users))]
    t.ok(pausesOf([slotOf(0, families, families), slotOf(1, families)]) > 30, name)
  }
  const bounds = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [i, 1]))
  const histograms = [datedFamily('h', histogram('h', { ...bounds, '+Inf': 1 }, 1))]
  t.ok(pausesOf([slotOf(0, histograms, histograms), slotOf(1, histograms)]) > 5)
  const many = Array.from({ length: 500 }, (_, i) => datedFamily(`g${i}`, { type: 'gauge', values: [] }))
  t.ok(pausesOf([slotOf(0, many)]) > 500)
})

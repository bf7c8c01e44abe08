import t from 'tap'
import { CounterFamily } from '../../lib/series/counter-family.js'
import type { OverflowReason } from '../../lib/series/family-options.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'
import { NONE } from '../../lib/series/label-values.js'

const NAMED = { name: 'x', help: 'X' }
const USER = [{ name: 'user', listed: [] }]
const INVALID: readonly unknown[] = [NaN, Infinity, -Infinity, '1', 1n, null, undefined, {}, true]

t.test('a counter accepts numbers that are not negative, while the sum is finite', async t => {
  const family = new CounterFamily(NAMED)
  t.ok([0, 1, 0.5, 1.7e308].every(value => family.increase(0, value)))
  for (const value of [...INVALID, -1, -5e-324, 1.7e308]) t.equal(family.increase(0, value), false, String(value))
  t.equal(family.valueAt(0), 1.7e308)
})

t.test('a gauge accepts finite numbers, while its value is finite', async t => {
  const family = new GaugeFamily(NAMED)
  t.ok(family.set(0, -3) && family.increase(0, 5) && family.decrease(0, 0.5))
  t.equal(family.valueAt(0), 1.5)
  for (const value of INVALID) {
    const results = [family.set(0, value), family.increase(0, value), family.decrease(0, value)]
    t.strictSame(results, [false, false, false], String(value))
  }
  family.set(0, -1.7e308)
  t.equal(family.decrease(0, 1.7e308), false)
  t.equal(family.valueAt(0), -1.7e308)
})

t.test('gauges of several processes are added, unless they have another aggregator', async t => {
  t.equal(new GaugeFamily(NAMED).aggregator, 'sum')
  t.equal(new GaugeFamily({ ...NAMED, aggregator: 'max' }).aggregator, 'max')
})

t.test('a histogram accepts numbers that are not negative, while the sum is finite', async t => {
  const family = new HistogramFamily({ ...NAMED, buckets: [1, 2] })
  t.ok([0, 1, 1.5, 2, 3, 1.7e308].every(value => family.record(0, value)))
  for (const value of [...INVALID, -1, 1.7e308]) t.equal(family.record(0, value), false, String(value))
  t.strictSame([...family.refTo(0).numbers.subarray(0, 4)], [1.7e308, 2, 2, 2])
  t.equal(family.countAt(0), 6)
})

t.test('adds values above the maximum of series to one overflow series', async t => {
  const reasons: OverflowReason[] = []
  const onOverflow = (reason: OverflowReason): void => { reasons.push(reason) }
  const family = new CounterFamily({ ...NAMED, labels: USER, maxSeries: 2, onOverflow })
  const count = (texts: string[] | null): void => { family.increase(family.admit(texts), 1) }
  for (const user of ['a', 'b', 'c', 'a', 'd']) count([user])
  count(null)
  const values = () => Object.fromEntries(
    [...family.table.indices()].map(index => [family.table.labelValueAt(index, 0), family.valueAt(index)])
  )
  t.strictSame(values(), { a: 2, b: 1, __overflow__: 3 })
  t.strictSame(reasons, ['series', 'series', 'length'])
  count(['__overflow__'])
  t.equal(reasons.length, 3, 'a value for the overflow series itself is not an overflow')

  family.remove(family.admit(['b']))
  count(['c'])
  t.strictSame(values(), { a: 2, c: 1, __overflow__: 4 }, 'a removed series frees capacity')
  family.reset()
  t.strictSame(values(), {})
  for (const user of ['e', 'f']) count([user])
  t.strictSame(values(), { e: 1, f: 1 }, 'a reset frees capacity')
})

t.test('has one overflow series for any number of listed values of a label', async t => {
  for (const count of [1, 8, 9, 100]) {
    const listed = Array.from({ length: count }, (_, i) => `kind-${i}`)
    const labels = [{ name: 'kind', listed }, ...USER]
    const family = new CounterFamily({ ...NAMED, labels, maxSeries: 1 })
    for (let i = 0; i < 5; i++) {
      for (const kind of listed) family.increase(family.admit([kind, `${i}`]), 1)
    }
    const kinds = [...family.table.indices()].map(index => family.table.labelValueAt(index, 0))
    t.strictSame(kinds, ['kind-0', '__overflow__'])
    const overflow = family.admit(null)
    t.ok(family.isOverflow(overflow))
    t.equal(family.valueAt(overflow), 5 * count - 1)
    t.equal(family.table.find({ kind: '__overflow__', user: '__overflow__' }), NONE, 'the value is not listed')
  }
})

t.test('a reset sets listed series to 0, and all series with the option to keep them', async t => {
  const listed = new GaugeFamily({ ...NAMED, labels: [{ name: 'a', listed: ['x', 'y'] }] })
  const kept = new CounterFamily({ ...NAMED, labels: USER, keepsSeriesOnReset: true })
  listed.set(1, 5)
  kept.increase(kept.admit(['a']), 5)
  for (const family of [listed, kept]) {
    family.reset()
    t.ok([...family.table.indices()].every(index => family.valueAt(index) === 0))
  }
  t.equal([...listed.table.indices()].length, 2)
  t.equal([...kept.table.indices()].length, 1)
})

t.test('a reset changes no gauge that ignores it, and is not reported then', async t => {
  for (const [ignoresReset, expected] of [[true, 5], [false, 0]] as const) {
    let resets = 0
    const family = new GaugeFamily({ ...NAMED, ignoresReset })
    family.listener = { removed () {}, reset: () => { resets++ } }
    family.set(0, 5)
    family.reset()
    t.equal(family.valueAt(0), expected)
    t.equal(resets, ignoresReset ? 0 : 1)
  }
})

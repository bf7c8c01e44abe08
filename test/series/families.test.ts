import t from 'tap'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'
import type { OverflowReason } from '../../lib/series/series-family.js'

const NAMED = { name: 'x', help: 'X' }
const USER = [{ name: 'user', listed: [] }]
const WRONG: readonly unknown[] = [NaN, Infinity, -Infinity, '1', 1n, null, undefined, {}, true]

t.test('a counter takes numbers from 0 on, as long as the sum is finite', async t => {
  const family = new CounterFamily(NAMED)
  t.ok([0, 1, 0.5, 1.7e308].every(value => family.increase(0, value)))
  for (const value of [...WRONG, -1, -5e-324, 1.7e308]) t.equal(family.increase(0, value), false, String(value))
  t.equal(family.valueAt(0), 1.7e308)
})

t.test('a gauge takes finite numbers, as long as it stays finite', async t => {
  const family = new GaugeFamily(NAMED)
  t.ok(family.set(0, -3) && family.increase(0, 5) && family.decrease(0, 0.5))
  t.equal(family.valueAt(0), 1.5)
  for (const value of WRONG) {
    t.strictSame([family.set(0, value), family.increase(0, value), family.decrease(0, value)], [false, false, false], String(value))
  }
  family.set(0, -1.7e308)
  t.equal(family.decrease(0, 1.7e308), false)
  t.equal(family.valueAt(0), -1.7e308)
})

t.test('a histogram takes numbers from 0 on, as long as the sum is finite', async t => {
  const family = new HistogramFamily({ ...NAMED, buckets: [1, 2] })
  t.ok([0, 1, 1.5, 2, 3, 1.7e308].every(value => family.record(0, value)))
  for (const value of [...WRONG, -1, 1.7e308]) t.equal(family.record(0, value), false, String(value))
  t.strictSame([...family.refTo(0).numbers.subarray(0, 4)], [1.7e308, 2, 2, 2])
  t.equal(family.countAt(0), 6)
})

t.test('lets in so many series, and puts the rest into one more', async t => {
  const reasons: OverflowReason[] = []
  const family = new CounterFamily({ ...NAMED, labels: USER, maxSeries: 2, onOverflow: reason => { reasons.push(reason) } })
  const count = (texts: string[] | null): void => { family.increase(family.admit(texts), 1) }
  for (const user of ['a', 'b', 'c', 'a', 'd']) count([user])
  count(null)
  const values = () => Object.fromEntries([...family.table.indices()].map(index => [family.table.labelValueAt(index, 0), family.valueAt(index)]))
  t.strictSame(values(), { a: 2, b: 1, __overflow__: 3 })
  t.strictSame(reasons, ['series', 'series', 'length'])
  count(['__overflow__'])
  t.equal(reasons.length, 3, 'who asks for that series gets it')

  family.remove(family.admit(['b']))
  count(['c'])
  t.strictSame(values(), { a: 2, c: 1, __overflow__: 4 }, 'what is removed makes room')
  family.reset()
  t.strictSame(values(), {})
  for (const user of ['e', 'f']) count([user])
  t.strictSame(values(), { e: 1, f: 1 }, 'a reset too')
})

t.test('there is one overflow series, also where labels list their values, few or many', async t => {
  for (const count of [1, 8, 9, 100]) {
    const listed = Array.from({ length: count }, (_, i) => `kind-${i}`)
    const labels = [{ name: 'kind', listed }, ...USER]
    const family = new CounterFamily({ ...NAMED, labels, maxSeries: 1 })
    for (let i = 0; i < 5; i++) {
      for (const kind of listed) family.increase(family.admit([kind, `${i}`]), 1)
    }
    t.strictSame([...family.table.indices()].map(index => family.table.labelValueAt(index, 0)), ['kind-0', '__overflow__'])
    const overflow = family.admit(null)
    t.ok(family.isOverflow(overflow))
    t.equal(family.valueAt(overflow), 5 * count - 1)
    t.equal(family.table.find({ kind: '__overflow__', user: '__overflow__' }), -1, 'a value that is not listed is a mistake')
  }
})

t.test('a reset leaves what is known beforehand at 0, and all where series are kept', async t => {
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

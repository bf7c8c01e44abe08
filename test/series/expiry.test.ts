import t from 'tap'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'

const EXPIRING = { name: 'x', help: 'X', labels: [{ name: 'user', listed: [] }], expireAfter: 60 }

/** Puts a clock that the test moves in place of that of the process. */
function clockOf (test: Tap): { seconds: number } {
  const clock = { seconds: 1000 }
  const { now } = performance
  performance.now = () => 1000 * clock.seconds
  test.teardown(() => { performance.now = now })
  return clock
}
type Tap = typeof t

const usersOf = ({ table }: CounterFamily | GaugeFamily | HistogramFamily): string[] =>
  [...table.indices()].map(index => table.labelValueAt(index, 0))

/** A scrape that is completed, one second long. */
function scrape (family: CounterFamily | GaugeFamily | HistogramFamily, clock: { seconds: number }): void {
  const began = performance.now()
  family.expire()
  clock.seconds++
  family.markScraped(began)
}

t.test('a series ends when nothing was written to it for so long', async t => {
  const clock = clockOf(t as Tap)
  const counter = new CounterFamily(EXPIRING)
  const histogram = new HistogramFamily({ ...EXPIRING, buckets: [1] })
  for (const user of ['a', 'b']) {
    counter.increase(counter.admit([user]), 1)
    histogram.record(histogram.admit([user]), 1)
  }
  clock.seconds += 10
  for (const family of [counter, histogram]) scrape(family, clock)
  clock.seconds += 30
  counter.increase(counter.admit(['b']), 1)
  histogram.record(histogram.admit(['b']), 1)
  clock.seconds += 17.9
  for (const family of [counter, histogram]) {
    family.expire()
    t.strictSame(usersOf(family), ['a', 'b'])
  }
  clock.seconds += 0.1
  for (const family of [counter, histogram]) {
    family.expire()
    t.strictSame(usersOf(family), ['b'])
  }
  t.equal(counter.valueAt(counter.admit(['a'])), 0, 'one that comes back begins anew')
})

t.test('none ends before a scrape that began after the last value was completed', async t => {
  const clock = clockOf(t as Tap)
  const family = new CounterFamily(EXPIRING)
  const index = family.admit(['a'])
  clock.seconds += 600
  family.expire()
  t.strictSame(usersOf(family), ['a'], 'nobody has seen it')
  const began = performance.now()
  clock.seconds++
  family.increase(index, 1)
  family.markScraped(began)
  clock.seconds += 600
  family.expire()
  t.strictSame(usersOf(family), ['a'], 'the scrape may have been past it')
  scrape(family, clock)
  family.expire()
  t.strictSame(usersOf(family), [])
})

t.test('a series makes room for another when it has expired', async t => {
  const clock = clockOf(t as Tap)
  let overflows = 0
  const family = new CounterFamily({ ...EXPIRING, maxSeries: 2, onOverflow: () => { overflows++ } })
  for (const user of ['a', 'b']) family.admit([user])
  clock.seconds++
  scrape(family, clock)
  family.admit(['c'])
  t.equal(overflows, 1)
  clock.seconds += 60
  family.admit(['d'])
  t.strictSame([usersOf(family), overflows], [['d', '__overflow__'], 1])
})

t.test('does not look through all series for each value that finds no place', async t => {
  const clock = clockOf(t as Tap)
  const family = new CounterFamily({ ...EXPIRING, maxSeries: 2 })
  for (const user of ['a', 'b']) family.admit([user])
  clock.seconds++
  scrape(family, clock)
  let looks = 0
  const { indices } = family.table
  family.table.indices = function * () {
    looks++
    yield * indices.call(this)
  }
  for (let i = 0; i < 100; i++) family.admit([`user-${i}`])
  t.equal(looks, 1)

  // Series that are written to at different times expire one after the other.
  const many = new CounterFamily({ ...EXPIRING, maxSeries: 1000 })
  for (let i = 0; i < 1000; i++) {
    clock.seconds += 0.06
    many.admit([`user-${i}`])
  }
  scrape(many, clock)
  looks = 0
  many.table.indices = function * () {
    looks++
    yield * indices.call(this)
  }
  let found = 0
  for (let i = 0; i < 1000; i++) {
    clock.seconds += 0.06
    if (!many.isOverflow(many.admit([`new-${i}`]))) found++
  }
  t.ok(looks <= 101, `${looks} in a minute`)
  t.ok(found > 950, `${found} of 1000 find the place of one that expired`)
})

t.test('a gauge that is counted up and down ends only at 0, one that is set with any value', async t => {
  const clock = clockOf(t as Tap)
  const family = new GaugeFamily(EXPIRING)
  const indices = ['counted', 'zero', 'set'].map(user => family.admit([user])) as [number, number, number]
  family.increase(indices[0], 2)
  family.decrease(indices[0], 1)
  family.increase(indices[1], 1)
  family.decrease(indices[1], 1)
  family.set(indices[2], 5)
  clock.seconds++
  scrape(family, clock)
  clock.seconds += 60
  family.expire()
  t.strictSame(usersOf(family), ['counted'])
  const back = family.admit(['zero'])
  family.set(back, 3)
  clock.seconds++
  scrape(family, clock)
  clock.seconds += 60
  family.expire()
  t.strictSame(usersOf(family), ['counted'], 'one that came back is another')
})

t.test('what a gauge refuses does not count as counted up', async t => {
  const clock = clockOf(t as Tap)
  const family = new GaugeFamily(EXPIRING)
  const index = family.admit(['a'])
  family.set(index, 5)
  t.equal(family.increase(index, NaN), false)
  t.equal(family.decrease(index, Infinity), false)
  clock.seconds++
  scrape(family, clock)
  clock.seconds += 60
  family.expire()
  t.strictSame(usersOf(family), [])
})

t.test('pauses while it looks through many series, of which some end', async t => {
  const clock = clockOf(t as Tap)
  const family = new CounterFamily(EXPIRING)
  for (let i = 0; i < 1000; i++) family.admit([`user-${i}`])
  clock.seconds++
  scrape(family, clock)
  clock.seconds += 60
  const steps = family.expireInSteps()
  let pauses = 0
  while (steps.next().done !== true) {
    // What is written to meanwhile stays.
    if (pauses++ === 0) family.increase(family.admit(['user-999']), 1)
  }
  t.equal(pauses, 3)
  t.strictSame(usersOf(family), ['user-999'])
})

t.test('a series that is known beforehand goes to 0 in place of going', async t => {
  const clock = clockOf(t as Tap)
  const family = new GaugeFamily({ ...EXPIRING, labels: [{ name: 'a', listed: ['x', 'y'] }] })
  family.set(1, 5)
  clock.seconds++
  scrape(family, clock)
  clock.seconds += 60
  family.expire()
  t.strictSame([0, 1].map(index => family.valueAt(index)), [0, 0])
})

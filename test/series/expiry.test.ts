import t from 'tap'
import type { Test } from 'tap'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'

const EXPIRING = { name: 'x', help: 'X', labels: [{ name: 'user', listed: [] }], expireAfter: 60 }

type AnyFamily = CounterFamily | GaugeFamily | HistogramFamily

interface ManualClock {
  seconds: number
}

/** Replaces the clock of the process by one that the test advances. */
function replaceClock (t: Test): ManualClock {
  const clock = { seconds: 1000 }
  t.intercept(performance, 'now', { value: () => 1000 * clock.seconds })
  return clock
}

const usersOf = ({ table }: AnyFamily): string[] => [...table.indices()].map(index => table.labelValueAt(index, 0))

/** A complete scrape, which takes one second. */
function scrape (family: AnyFamily, clock: ManualClock): void {
  const began = performance.now()
  family.expire()
  clock.seconds++
  family.markScraped(began)
}

/** Scrapes a second after the last write, and removes expired series a minute later. */
function scrapeAndExpire (family: AnyFamily, clock: ManualClock): void {
  clock.seconds++
  scrape(family, clock)
  clock.seconds += 60
  family.expire()
}

t.test('removes a series without writes after the time to expire', async t => {
  const clock = replaceClock(t)
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
  t.equal(counter.valueAt(counter.admit(['a'])), 0, 'a new series with the same labels starts at 0')
})

t.test('keeps a series until a scrape that began after its last write is complete', async t => {
  const clock = replaceClock(t)
  const family = new CounterFamily(EXPIRING)
  const index = family.admit(['a'])
  clock.seconds += 600
  family.expire()
  t.strictSame(usersOf(family), ['a'], 'no scrape has exposed it')
  const began = performance.now()
  clock.seconds++
  family.increase(index, 1)
  family.markScraped(began)
  clock.seconds += 600
  family.expire()
  t.strictSame(usersOf(family), ['a'], 'the scrape may have exposed it before the last write')
  scrape(family, clock)
  family.expire()
  t.strictSame(usersOf(family), [])
})

t.test('replaces an expired series by a new one when the maximum of series is reached', async t => {
  const clock = replaceClock(t)
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

/** Counts how often all series of a family are read. */
function countReads ({ table }: AnyFamily): () => number {
  let reads = 0
  const { indices } = table
  table.indices = function * () {
    reads++
    yield * indices.call(this)
  }
  return () => reads
}

t.test('does not read all series for each value that overflows', async t => {
  const clock = replaceClock(t)
  const family = new CounterFamily({ ...EXPIRING, maxSeries: 2 })
  for (const user of ['a', 'b']) family.admit([user])
  clock.seconds++
  scrape(family, clock)
  const reads = countReads(family)
  for (let i = 0; i < 100; i++) family.admit([`user-${i}`])
  t.equal(reads(), 1)
})

t.test('reads all series at most 101 times while 1,000 series expire one after another', async t => {
  const clock = replaceClock(t)
  const many = new CounterFamily({ ...EXPIRING, maxSeries: 1000 })
  for (let i = 0; i < 1000; i++) {
    clock.seconds += 0.06
    many.admit([`user-${i}`])
  }
  scrape(many, clock)
  const reads = countReads(many)
  let admitted = 0
  for (let i = 0; i < 1000; i++) {
    clock.seconds += 0.06
    if (!many.isOverflow(many.admit([`new-${i}`]))) admitted++
  }
  t.ok(reads() <= 101, `${reads()} reads in a minute`)
  t.ok(admitted > 950, `${admitted} of 1000 new series replace an expired one`)
})

t.test('removes a gauge series that is increased or decreased only at 0, and one that is set at any value', async t => {
  const clock = replaceClock(t)
  const family = new GaugeFamily(EXPIRING)
  const indices = ['counted', 'zero', 'set'].map(user => family.admit([user])) as [number, number, number]
  family.increase(indices[0], 2)
  family.decrease(indices[0], 1)
  family.increase(indices[1], 1)
  family.decrease(indices[1], 1)
  family.set(indices[2], 5)
  scrapeAndExpire(family, clock)
  t.strictSame(usersOf(family), ['counted'])
  const recreated = family.admit(['zero'])
  family.set(recreated, 3)
  scrapeAndExpire(family, clock)
  t.strictSame(usersOf(family), ['counted'], 'a new series with the same labels is independent of the removed one')
})

t.test('ignores rejected values when it decides whether a gauge series is increased or decreased', async t => {
  const clock = replaceClock(t)
  const family = new GaugeFamily(EXPIRING)
  const index = family.admit(['a'])
  family.set(index, 5)
  t.equal(family.increase(index, NaN), false)
  t.equal(family.decrease(index, Infinity), false)
  scrapeAndExpire(family, clock)
  t.strictSame(usersOf(family), [])
})

t.test('pauses while it removes many series, and keeps a series that is written during a pause', async t => {
  const clock = replaceClock(t)
  const family = new CounterFamily(EXPIRING)
  for (let i = 0; i < 1000; i++) family.admit([`user-${i}`])
  clock.seconds++
  scrape(family, clock)
  clock.seconds += 60
  const steps = family.expireInSteps()
  let pauses = 0
  while (steps.next().done !== true) {
    if (pauses++ === 0) family.increase(family.admit(['user-999']), 1)
  }
  t.equal(pauses, 3)
  t.strictSame(usersOf(family), ['user-999'])
})

t.test('resets an expired series to 0 instead of removing it when all labels list their values', async t => {
  const clock = replaceClock(t)
  const family = new GaugeFamily({ ...EXPIRING, labels: [{ name: 'a', listed: ['x', 'y'] }] })
  family.set(1, 5)
  scrapeAndExpire(family, clock)
  t.strictSame([0, 1].map(index => family.valueAt(index)), [0, 0])
})

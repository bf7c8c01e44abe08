import { rmSync } from 'node:fs'
import t from 'tap'
import { readInherited } from '../../lib/processes/inheritance.js'
import type { OwnSource } from '../../lib/processes/merge-sources.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import type { Family } from '../../lib/series/family.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import type { Aggregator } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import {
  createCounter, createGauge, createHistogram, increase, MergedSlots, mergeSlots, seriesOf, writeSlot
} from '../fixtures/processes/slots.js'
import type { SeriesNumbers } from '../fixtures/processes/slots.js'
import { createRandom } from '../fixtures/random.js'

/** A count of 1 for each of so many users. */
const createCounts = (users: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: users }, (_, i) => [`user-${i}`, 1]))

const own = (families: readonly Family[], slot = 0): OwnSource => ({ slot, generation: 1, since: 1, families })

t.test('counters and histograms are sums over all slots, running or not', async t => {
  const directory = t.testdir()
  writeSlot({ directory, slot: 0, families: [createCounter({ a: 1, b: 2 }), createHistogram([0.5])] })
  writeSlot({ directory, slot: 1, families: [createHistogram([1.5, 5]), createCounter({ b: 3, c: 4 })] })
  writeSlot({ directory, slot: 3, families: [], inherited: [{ family: createCounter({ c: 5 }), since: 0 }] })
  const slots = new MergedSlots(directory, [0, 1, 2, 3])
  slots.exited.add(0).add(3)
  const expected = {
    'calls_total["a"]': [1], 'calls_total["b"]': [5], 'calls_total["c"]': [9], 'run_seconds[]': [7, 1, 1, 1]
  }
  for (const round of ['first', 'cached']) {
    const { slots: reports, conflicts } = slots.read()
    t.strictSame(slots.series, expected, round)
    t.strictSame(reports.map(({ slot, generation }) => [slot, generation]), [[0, 1], [1, 1], [2, 0], [3, 1]])
    t.strictSame(conflicts, [])
  }
})

t.test('the own counts are read live, with the base of the own slot', async t => {
  const directory = t.testdir()
  const counter = createCounter({ a: 1 })
  writeSlot({ directory, slot: 0, families: [createCounter({ a: 10 })] })
  const inherited = [{ family: createCounter({ a: 100, z: 5 }), since: 0 }]
  writeSlot({ directory, slot: 1, families: [counter], inherited })
  const slots = new MergedSlots(directory, [0, 1])
  const expectCounts = (counts: Readonly<Record<string, number>>, what: string): void => {
    slots.read(own([counter], 1))
    const series = Object.entries(counts).map(([user, count]) => [`calls_total["${user}"]`, [count]] as const)
    t.strictSame(slots.series, Object.fromEntries(series), what)
  }
  expectCounts({ a: 111, z: 5 }, 'first')
  increase(counter, 'a')
  for (let i = 0; i < 20; i++) increase(counter, `user-${i}`)
  expectCounts({ a: 112, z: 5, ...createCounts(20) }, 'more series')
  for (let i = 0; i < 20; i++) counter.remove(counter.table.findByValues([`user-${i}`]))
  increase(counter, 'z', 2)
  expectCounts({ a: 112, z: 7 }, 'series that are removed')
})

t.test('until this process has written its base, the counts of the owner before are read', async t => {
  const directory = t.testdir()
  const inherited = [{ family: createCounter({ a: 100, b: 1 }), since: 0 }]
  writeSlot({ directory, families: [createCounter({ a: 10 }), createGauge({ a: 5 })], inherited })
  const counter = createCounter({ a: 1 })
  t.strictSame(mergeSlots(directory, [0], { ...own([counter]), generation: 2 }), {
    'calls_total["a"]': [111], 'calls_total["b"]': [1]
  })
})

t.test('a process without files answers for itself', async t => {
  const families = [createCounter({ a: 1 }), createGauge({ a: 2 }), createHistogram([1])]
  t.strictSame(mergeSlots(t.testdir(), [], own(families)), seriesOf(families))
})

t.test('gauges are merged over running owners by their aggregator', async t => {
  const values = [{ a: 5, b: 1 }, { a: -3 }, { a: 100, b: 100, c: 100 }, { a: 4, b: 3 }]
  const expected: Record<Aggregator, SeriesNumbers> = {
    sum: { 'users["a"]': [6], 'users["b"]': [4] },
    first: { 'users["a"]': [5], 'users["b"]': [1] },
    min: { 'users["a"]': [-3], 'users["b"]': [1] },
    max: { 'users["a"]': [5], 'users["b"]': [3] },
    average: { 'users["a"]': [2], 'users["b"]': [2] },
    omit: {}
  }
  for (const [aggregator, series] of Object.entries(expected)) {
    const directory = t.testdir()
    for (const [slot, users] of values.entries()) {
      writeSlot({ directory, slot, families: [createGauge(users, aggregator as Aggregator)] })
    }
    const slots = new MergedSlots(directory, [3, 2, 1, 0])
    slots.exited.add(2)
    for (const round of ['first', 'cached']) {
      slots.read()
      t.strictSame(slots.series, series, `${aggregator}, ${round}`)
    }
    slots.exited.add(0).add(1).add(3)
    slots.read()
    t.strictSame(slots.merged.families, [], 'nobody is left')
  }
})

t.test('a gauge among inherited counts is left out', async t => {
  const directory = t.testdir()
  writeSlot({ directory, inherited: [{ family: createGauge({ a: 1 }), since: 0 }] })
  t.strictSame(mergeSlots(directory, [0]), {})
})

t.test('removes series that no slot has any more, and reuses their indices', async t => {
  const directory = t.testdir()
  const counters = [createCounter(), createCounter()] as const
  const writers = counters.map((counter, slot) => writeSlot({ directory, slot, families: [counter] }))
  const slots = new MergedSlots(directory, [0, 1])
  const random = createRandom(20261126)
  for (let round = 0; round < 150; round++) {
    for (const [i, counter] of counters.entries()) {
      for (let changes = 0; changes < 4; changes++) {
        const user = `${random.integer(0, 12)}`
        const index = counter.table.findByValues([user])
        if (index >= 0 && random.float() < 0.6) counter.remove(index)
        else increase(counter, user, random.integer(1, 9))
      }
      writers[i]!.write()
    }
    const expected: SeriesNumbers = {}
    for (const [key, [count]] of counters.flatMap(counter => Object.entries(seriesOf([counter])))) {
      expected[key] = [(expected[key]?.[0] ?? 0) + count!]
    }
    // One slot is sometimes not merged, so that its ids outlive the merged series.
    if (random.float() < 0.2) runToEnd(slots.merged.merge({ slots: [{ reader: slots.readers[1]!, isLiving: true }] }))
    slots.read(random.float() < 0.5 ? own([counters[0]]) : undefined)
    t.strictSame(slots.series, expected, String(round))
  }
  for (const writer of writers) writer.close()
})

t.test('a slot that cannot be read is left out, and its series disappear', async t => {
  const directory = t.testdir()
  writeSlot({ directory, slot: 0, families: [createCounter({ a: 1 })] })
  writeSlot({ directory, slot: 1, families: [createCounter({ b: 1 })] })
  const slots = new MergedSlots(directory, [0, 1])
  slots.read()
  rmSync(directory, { recursive: true })
  const { slots: reports } = slots.read(own([createCounter({ a: 5 })]))
  t.strictSame(reports.map(({ problems }) => problems.map(({ reason }) => reason)), [['missing'], ['missing']])
  t.strictSame(slots.series, { 'calls_total["a"]': [5] })
})

const histogram = (buckets: readonly number[]): Family => createHistogram([1], buckets)
const gauge = (changes: { help?: string, aggregator?: Aggregator }): Family => {
  const family = new GaugeFamily({ name: 'users', help: 'Users', ...changes })
  family.set(0, 5)
  return family
}

t.test('of definitions that differ the newest wins, and the others are reported', async t => {
  const label = (name: string): Family => {
    const family = new CounterFamily({ name: 'run_seconds', help: 'X', labels: [{ name, listed: [] }] })
    increase(family, 'a', 2)
    return family
  }
  const cases: ReadonlyArray<readonly [what: string, older: Family, newer: Family]> = [
    ['buckets', histogram([1, 2]), histogram([1, 3])],
    ['the number of buckets', histogram([1, 2]), histogram([1])],
    ['the type', histogram([1]), label('user')],
    ['labels', label('user'), label('shop')]
  ]
  for (const [what, older, newer] of cases) {
    for (const [first, second] of [[0, 1], [1, 0]] as const) {
      const directory = t.testdir()
      const slots = new MergedSlots(directory, [0, 1, 2])
      writeSlot({ directory, slot: first, since: 1, families: [older] })
      slots.read()
      t.strictSame(slots.series, seriesOf([older]))
      writeSlot({ directory, slot: second, since: 2, families: [newer] })
      for (const round of ['new', 'cached']) {
        const { conflicts } = slots.read()
        t.strictSame(slots.series, seriesOf([newer]), `${what}, ${round}`)
        t.strictSame(conflicts, [{ slot: first, name: 'run_seconds', isInherited: false }])
      }
      writeSlot({ directory, slot: second, generation: 2, since: 3, families: [] })
      t.strictSame(slots.read().conflicts, [])
      t.strictSame(slots.series, seriesOf([older]), `${what}: the newer one is gone`)
    }
  }
})

t.test('help text and aggregator are those of the newest definition', async t => {
  const directory = t.testdir()
  const slots = new MergedSlots(directory, [0, 1, 2])
  writeSlot({ directory, slot: 0, since: 1, families: [gauge({ help: 'Old', aggregator: 'sum' })] })
  writeSlot({ directory, slot: 1, since: 3, families: [gauge({ help: 'New', aggregator: 'average' })] })
  writeSlot({ directory, slot: 2, since: 2, families: [gauge({ help: 'Older', aggregator: 'max' })] })
  t.strictSame(slots.read().conflicts, [])
  t.strictSame(slots.merged.families.map(({ help }) => help), ['New'])
  t.strictSame(slots.series, { 'users[]': [5] })
  t.strictSame(slots.merged.definitions.map(({ since }) => since), [3])
})

t.test('a live definition is newer than an inherited one, and of the same age that of the higher slot', async t => {
  const directory = t.testdir()
  writeSlot({ directory, slot: 0, families: [histogram([1])], inherited: [{ family: histogram([2]), since: 1 }] })
  writeSlot({ directory, slot: 1, families: [], inherited: [{ family: histogram([3]), since: 1 }] })
  for (const order of [[0, 1], [1, 0]]) {
    const slots = new MergedSlots(directory, order)
    t.strictSame(slots.read().conflicts, [
      { slot: 0, name: 'run_seconds', isInherited: true }, { slot: 1, name: 'run_seconds', isInherited: true }
    ])
    t.strictSame(slots.series, seriesOf([histogram([1])]))
  }
  writeSlot({ directory, slot: 2, families: [histogram([4])] })
  const slots = new MergedSlots(directory, [0, 1, 2])
  t.equal(slots.read().conflicts.length, 3)
  t.strictSame(slots.series, seriesOf([histogram([4])]))
})

t.test('inherited counts of an older definition are left out, and those of the winning one are merged', async t => {
  const directory = t.testdir()
  const inherited = [{ family: histogram([5]), since: 1 }]
  writeSlot({ directory, slot: 0, since: 2, families: [histogram([1])], inherited })
  writeSlot({ directory, slot: 1, since: 3, families: [histogram([5])] })
  const slots = new MergedSlots(directory, [0, 1])
  t.strictSame(slots.read().conflicts, [{ slot: 0, name: 'run_seconds', isInherited: false }])
  t.strictSame(slots.series, seriesOf([createHistogram([1, 1], [5])]))
})

t.test('a merge ends although definitions change all the time', async t => {
  const directory = t.testdir()
  const slots = new MergedSlots(directory, [0, 1])
  writeSlot({ directory, slot: 0, families: [createCounter(createCounts(40))] })
  const steps = slots.steps()
  let since = 1
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    writeSlot({ directory, slot: 1, generation: ++since, since, families: [histogram([since])] })
    t.ok(since < 100)
  }
  slots.read()
  t.strictSame(slots.series['run_seconds[]'], [1, 1, 0])
})

t.test('a merge pauses about every 30 µs of work, and can be abandoned', async t => {
  const directory = t.testdir()
  const create = (): HistogramFamily => {
    const buckets = Array.from({ length: 30 }, (_, i) => i)
    const family = new HistogramFamily({ name: 'h', help: 'H', labels: [{ name: 'user', listed: [] }], buckets })
    for (let i = 0; i < 1500; i++) family.record(family.addSeries([`${i}`]), i % 32)
    return family
  }
  writeSlot({ directory, slot: 0, families: [create()], inherited: [{ family: create(), since: 0 }] })
  writeSlot({ directory, slot: 1, families: [create()] })
  const slots = new MergedSlots(directory, [0, 1])
  const first = [...slots.steps(own([create()], 1))].length
  t.ok(first > 200, `${first} pauses`)
  const expected = slots.series
  const cached = [...slots.steps(own([create()], 1))].length
  t.ok(cached > 20, `${cached} pauses`)
  for (let pauses = 0; pauses < cached; pauses += 5) {
    const steps = slots.steps()
    for (let i = 0; i < pauses; i++) steps.next()
    steps.return(undefined as never)
  }
  slots.read()
  t.strictSame(slots.series, expected)
})

t.test('a merge that is abandoned in any pause does not change the next one', async t => {
  const directory = t.testdir()
  const random = createRandom(14)
  const counters = [0, 1, 2].map(() => createCounter())
  const gauges = [0, 1, 2].map(() => createGauge({}, 'average'))
  const writers = [0, 1, 2].map(slot => writeSlot({ directory, slot, families: [counters[slot]!, gauges[slot]!] }))
  const ownFamilies = own([counters[2]!, gauges[2]!], 2)
  const change = (): void => {
    for (const family of [...counters, ...gauges]) {
      const from = Math.floor(random.float() * 600)
      for (const index of [...family.table.indices()]) if (random.float() < 0.3) family.remove(index)
      for (let user = from; user < from + 150; user++) {
        const index = family.admit([`${user}`])
        if (family.type === 'counter') family.increase(index, 1)
        else family.set(index, user)
      }
    }
    for (const writer of writers) writer.write()
  }
  const slots = new MergedSlots(directory, [0, 1, 2])
  const abandon = (pauses: number): boolean => {
    // Then its gauges are removed, while its series keep their ids.
    if (random.float() < 0.5) slots.exited.add(0)
    const steps = slots.steps(ownFamilies)
    let isDone = false
    for (let i = 0; i <= pauses && !isDone; i++) isDone = steps.next().done === true
    steps.return(undefined as never)
    slots.exited.clear()
    return !isDone
  }
  let pauses = 0
  for (let isAbandoned = true; isAbandoned; pauses++) {
    change()
    isAbandoned = abandon(pauses)
    if (random.float() < 0.3) change()
    if (random.float() < 0.3) abandon(Math.floor(random.float() * pauses))
    if (random.float() < 0.3) change()
    slots.read(ownFamilies)
    t.strictSame(slots.series, mergeSlots(directory, [0, 1, 2], ownFamilies), `after ${pauses} pauses`)
  }
  t.ok(pauses > 20, `${pauses} pauses`)
  for (const writer of writers) writer.close()
})

t.test('own series that change in each pause are read as they are', async t => {
  const family = createCounter()
  const sum = (): number => Object.values(seriesOf([family])).reduce((sum, [count]) => sum + count!, 0)
  for (let i = 0; i < 40_000; i++) increase(family, `${i}`)
  const slots = new MergedSlots(t.testdir(), [])
  let next = 0
  for (let round = 0; round < 2; round++) {
    const steps = slots.steps(own([family]))
    let changes = 0
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      if (changes++ >= 500) continue
      family.remove(family.table.findByValues([`${next}`]))
      increase(family, `new-${next}`, 2 + next++)
    }
    // Each series has the count that it began with.
    for (const [key, [count]] of Object.entries(slots.series)) {
      const [, isNew, user] = /"(new-)?(\d+)"/.exec(key)!
      if (count !== (isNew === undefined ? 1 : 2 + Number(user))) t.fail(`${key} ${count}`)
    }
  }
  slots.read(own([family]))
  t.equal(Object.values(slots.series).reduce((sum, [count]) => sum + count!, 0), sum())
})

t.test('two processes get the same sums to the last digit, before and after a takeover', async t => {
  const directory = t.testdir()
  const random = createRandom(20261126)
  const create = (): Family[] => [createCounter({ a: random.float() }), createHistogram([random.float() / 7])]
  const families = Array.from({ length: 5 }, create)
  for (const [slot, live] of families.entries()) {
    const inherited = create().map(family => ({ family, since: 0 }))
    writeSlot({ directory, slot, families: live, inherited }).close()
  }
  const expected = mergeSlots(directory, [0, 1, 2, 3, 4])
  for (const [slot, live] of families.entries()) {
    const actual = mergeSlots(directory, [4, 2, 0, 1, 3], own(live, slot))
    t.strictSame(actual, expected, `read by the process of slot ${slot}`)
  }
  for (const slot of families.keys()) {
    const { inherited } = readInherited({ directory, slot })
    writeSlot({ directory, slot, generation: 2, families: [createCounter(), createHistogram()], inherited }).close()
    t.strictSame(mergeSlots(directory, [0, 1, 2, 3, 4]), expected, `after a takeover of slot ${slot}`)
  }
})

t.test('families are in the order of this process, then in the order of the slots', async t => {
  const directory = t.testdir()
  const create = (name: string): Family => new CounterFamily({ name, help: 'X' })
  writeSlot({ directory, slot: 0, families: ['c', 'a', 'd'].map(create) })
  const slots = new MergedSlots(directory, [0, 1])
  slots.read(own(['a', 'b', 'c'].map(create), 1))
  t.strictSame(slots.merged.families.map(({ name }) => name), ['a', 'b', 'c', 'd'])
})

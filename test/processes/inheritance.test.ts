import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readInherited } from '../../lib/processes/inheritance.js'
import type { Inheritance } from '../../lib/processes/inheritance.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { reasonOf } from '../fixtures/processes/reason-of.js'
import {
  createCounter, createGauge, createHistogram, mergeSlots, seriesOf, writeSlot
} from '../fixtures/processes/slots.js'
import type { SeriesNumbers } from '../fixtures/processes/slots.js'

const seriesIn = ({ inherited }: Inheritance): SeriesNumbers => seriesOf(inherited.map(({ family }) => family))

t.test('a slot without files leaves nothing', async t => {
  t.strictSame(readInherited({ directory: t.testdir(), slot: 0 }), { inherited: [], overflowed: [], problems: [] })
})

t.test('base and live counts become one, without gauges', async t => {
  const directory = t.testdir()
  const inherited = [{ family: createCounter({ a: 1, b: 2 }), since: 3 }, { family: createHistogram([1]), since: 3 }]
  writeSlot({ directory, since: 5, families: [createCounter({ b: 3 }), createGauge({ a: 1 })], inherited }).close()
  const inheritance = readInherited({ directory, slot: 0 })
  t.strictSame(seriesIn(inheritance), {
    'calls_total["a"]': [1], 'calls_total["b"]': [5], 'run_seconds[]': [1, 1, 0, 0]
  })
  t.strictSame(inheritance.inherited.map(({ since }) => since), [5, 3])
  const base = readInherited({ directory, slot: 0, ownGeneration: 1 })
  t.strictSame(seriesIn(base), seriesIn({ inherited, overflowed: [], problems: [] }), 'only the base')
})

t.test('of two definitions only the counts of the newer one are inherited', async t => {
  const directory = t.testdir()
  const inherited = [{ family: createHistogram([1], [5]), since: 1 }]
  writeSlot({ directory, since: 2, families: [createHistogram([1, 1], [6])], inherited }).close()
  t.strictSame(seriesIn(readInherited({ directory, slot: 0 })), { 'run_seconds[]': [2, 2, 0] })
})

t.test('files that cannot be read are reported, and the rest is inherited', async t => {
  const directory = t.testdir()
  const inherited = [{ family: createCounter({ b: 1 }), since: 1 }]
  writeSlot({ directory, families: [createCounter({ b: 3 })], inherited }).close()
  writeFileSync(join(directory, '0.base.1'), 'x')
  const inheritance = readInherited({ directory, slot: 0 })
  t.strictSame(seriesIn(inheritance), { 'calls_total["b"]': [3] })
  t.strictSame(inheritance.problems.map(({ reason }) => reason), ['truncated'])
})

t.test('a thousand owners with different labels leave a base of a limited size and all counts', async t => {
  const directory = t.testdir()
  let size = 0
  for (let generation = 1; generation <= 1000; generation++) {
    const { inherited, problems } = readInherited({ directory, slot: 0 })
    t.strictSame(problems, [])
    const counts = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${generation}-${i}`, 1]))
    writeSlot({ directory, generation, since: generation, families: [createCounter(counts, 20)], inherited }).close()
    size = Math.max(size, statSync(join(directory, `0.base.${generation}`)).size)
  }
  t.equal(readdirSync(directory).length, 4)
  t.ok(size < 2000, `${size} bytes`)
  const series = mergeSlots(directory, [0])
  t.equal(Object.values(series).reduce((sum, [count]) => sum + count!, 0), 5000)
  t.equal(series['calls_total["__overflow__"]']![0], 5000 - 20 - 5)
})

t.test('at the limit, the series of the last owner stay, and the oldest go into the overflow series', async t => {
  const directory = t.testdir()
  const life = (generation: number, users: readonly string[]): readonly string[] => {
    const { inherited, overflowed, problems } = readInherited({ directory, slot: 0 })
    t.strictSame(problems, [])
    const counts = Object.fromEntries(users.map(user => [user, 10]))
    writeSlot({ directory, generation, since: generation, families: [createCounter(counts, 3)], inherited }).close()
    return overflowed
  }
  t.strictSame(life(1, ['a', 'b', 'c']), [])
  t.strictSame(life(2, ['c', 'd', 'e']), [])
  t.strictSame(life(3, ['e', 'f']), ['calls_total'])
  t.strictSame(mergeSlots(directory, [0]), {
    'calls_total["c"]': [20],
    'calls_total["d"]': [10],
    'calls_total["e"]': [20],
    'calls_total["f"]': [10],
    'calls_total["__overflow__"]': [20]
  })
  life(4, [])
  t.strictSame(mergeSlots(directory, [0]), {
    'calls_total["e"]': [20], 'calls_total["f"]': [10], 'calls_total["c"]': [20], 'calls_total["__overflow__"]': [30]
  })
})

t.test('a limit for some labels holds beyond the first series of each value of the others', async t => {
  const directory = t.testdir()
  const createPaths = (...series: ReadonlyArray<readonly [string, string]>): CounterFamily => {
    const family = new CounterFamily({
      name: 'x_total',
      help: 'X',
      labels: [{ name: 'path', listed: [] }, { name: 'user', listed: [] }],
      inheritanceLimit: { maxSeries: 2, unlimitedLabels: 1 }
    })
    for (const labels of series) family.increase(family.admit(labels), 1)
    return family
  }
  const family = createPaths(
    ['/a', '1'], ['/a', '2'], ['/b', '1'], ['/b', '2'], ['/b', '3'], ['/c', '1'], ['/c', '2'], ['/c', '__overflow__']
  )
  writeSlot({ directory, families: [family] }).close()
  const inheritance = readInherited({ directory, slot: 0 })
  t.strictSame(seriesIn(inheritance), {
    'x_total["/a","1"]': [1],
    'x_total["/a","2"]': [1],
    'x_total["/b","1"]': [1],
    'x_total["/b","2"]': [1],
    'x_total["/b","__overflow__"]': [1],
    'x_total["/c","1"]': [1],
    'x_total["/c","__overflow__"]': [2]
  })
  t.strictSame(inheritance.overflowed, ['x_total'])
})

t.test('a base that readers would reject is not written, and the files of the owner before stay', async t => {
  const directory = t.testdir()
  writeSlot({ directory, families: [createCounter({ a: 1 })] }).close()
  const { inherited } = readInherited({ directory, slot: 0 })
  Object.defineProperty(inherited[0]!.family.table.pages, 'width', { value: 2 ** 24 })
  t.equal(reasonOf(() => { writeSlot({ directory, generation: 2, families: [], inherited }) }), 'too_large')
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [1] })
})

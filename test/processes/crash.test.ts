import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { FileSystem } from '../../lib/processes/file-system.js'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import { readInherited } from '../../lib/processes/inheritance.js'
import { SlotWriter } from '../../lib/processes/slot-writer.js'
import { FaultyFileSystem, Killed } from '../fixtures/processes/fault.js'
import {
  createCounter, createHistogram, increase, MergedSlots, mergeSlots, seriesOf, writeSlot
} from '../fixtures/processes/slots.js'
import type { SeriesNumbers } from '../fixtures/processes/slots.js'

/** How much of what a write should store is stored when the process is killed in it. */
const SHARES = [0, 0.02, 0.25, 0.5, 0.75, 0.98]

/**
 * Runs a program with a kill at each call that changes the directory, and within each write, until it runs to its end.
 * `check` is called with the file system as the killed process left it. Returns the number of kills.
 */
function killEverywhere (run: (fs: FileSystem, kill: number) => void, check: (kill: number) => void): number {
  let kills = 0
  for (let at = 0; ; at++) {
    for (const share of SHARES) {
      try {
        run(new FaultyFileSystem(at, { kind: 'kill', share }).fs, kills)
        return kills
      } catch (error) {
        if (!(error instanceof Killed)) throw error
      }
      check(kills++)
    }
  }
}

t.test('a writer that is killed anywhere leaves the last values or the new ones', async t => {
  const root = t.testdir()
  const directoryOf = (kill: number): string => join(root, `${kill}`)
  let written: SeriesNumbers = {}
  let current: SeriesNumbers = {}
  const slots = new Map<number, MergedSlots>()
  const kills = killEverywhere((fs, kill) => {
    const directory = directoryOf(kill)
    mkdirSync(directory)
    const families = [createCounter(), createHistogram()] as const
    const [counter, histogram] = families
    const inherited = [{ family: createCounter({ base: 5 }), since: 0 }]
    const base = seriesOf([inherited[0]!.family])
    const writer = new SlotWriter({ directory, slot: 0, generation: 1, since: 1, families, inherited, fs })
    const merged = new MergedSlots(directory, [0])
    slots.set(kill, merged)
    written = {}
    for (let round = 0; round < 12; round++) {
      // Long labels of many series, so that the log is compacted.
      for (let i = 0; i < 50; i++) increase(counter, `${round}-${i}-${'x'.repeat(220)}`, round)
      histogram.record(0, round)
      current = { ...base, ...seriesOf(families) }
      writer.write()
      written = current
      merged.read()
      for (const index of [...counter.table.indices()]) if (index % 50 !== round) counter.remove(index)
    }
    writer.close()
  }, kill => {
    const merged = slots.get(kill)!
    const fresh = mergeSlots(directoryOf(kill), [0])
    merged.read()
    if (!isSame(merged.series, fresh)) t.fail(`kill ${kill}: a process that has read it before reads something else`)
    const isBaseOnly = isSame(fresh, { 'calls_total["base"]': [5] }) && Object.keys(written).length === 0
    if (!isSame(fresh, written) && !isSame(fresh, current) && !isBaseOnly) t.fail(`kill ${kill}: torn values`)
  })
  t.ok(kills > 250, `${kills} kills`)
  t.ok(readdirSync(directoryOf(kills)).includes('0.labels.1.2'), 'the log was compacted')
})

t.test('a takeover that is killed anywhere loses and repeats nothing', async t => {
  const root = t.testdir()
  const directoryOf = (kill: number): string => join(root, `${kill}`)
  let expected: SeriesNumbers = {}
  let generation = 0
  /** The counts of the process that is killed. */
  const own = { written: 0, current: 0 }
  const takeOver = (directory: string, fs: FileSystem): void => {
    const { inherited, problems } = readInherited({ directory, slot: 0, fs })
    t.strictSame(problems, [])
    const counter = createCounter()
    const since = ++generation
    const writer = new SlotWriter({ directory, slot: 0, generation, since, families: [counter], inherited, fs })
    for (let round = 0; round < 2; round++) {
      increase(counter, 'a')
      own.current++
      writer.write()
      own.written++
    }
    writer.close()
  }
  const kills = killEverywhere((fs, kill) => {
    const directory = directoryOf(kill)
    mkdirSync(directory)
    const families = [createCounter({ a: 1, b: 2.5 }), createHistogram([1, 5])]
    writeSlot({ directory, families, inherited: [{ family: createCounter({ a: 100, c: 7 }), since: 0 }] }).close()
    expected = mergeSlots(directory, [0])
    generation = 1
    Object.assign(own, { written: 0, current: 0 })
    takeOver(directory, fs)
  }, kill => {
    const directory = directoryOf(kill)
    const counts = [own.written, own.current].map(count => ({ ...expected, 'calls_total["a"]': [101 + count] }))
    const actual = mergeSlots(directory, [0])
    if (!counts.some(count => isSame(actual, count))) t.fail(`kill ${kill}: ${JSON.stringify(actual)}`)
    takeOver(directory, nodeFileSystem)
    const after = mergeSlots(directory, [0])
    if (after['calls_total["a"]']![0] !== actual['calls_total["a"]']![0]! + 2) t.fail(`kill ${kill}: the next takeover`)
  })
  t.ok(kills > 60, `${kills} kills`)
})

function isSame (a: SeriesNumbers, b: SeriesNumbers): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => `${a[key]}` === `${b[key]}`)
}

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { FileSystem } from '../../lib/processes/file-system.js'
import { readInherited } from '../../lib/processes/inheritance.js'
import type { Removal } from '../../lib/processes/removal-queue.js'
import { SlotWriter } from '../../lib/processes/slot-writer.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import type { Family } from '../../lib/series/family.js'
import { NONE } from '../../lib/series/label-values.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import {
  createCounter, createGauge, createHistogram, increase, MergedSlots, mergeSlots, seriesOf, writeSlot
} from '../fixtures/processes/slots.js'
import { FaultyFileSystem } from '../fixtures/processes/fault.js'
import { reasonOf } from '../fixtures/processes/reason-of.js'

const namesIn = (directory: string): string[] => readdirSync(directory).sort()

function remove (family: Family, ...labels: readonly string[]): void {
  family.remove(family.table.findByValues(labels))
}

t.test('all families are written, and read back', async t => {
  const directory = t.testdir()
  const families: Family[] = [createCounter({ a: 1, b: 2.5 }), createGauge({ a: -3 }), createHistogram([0.5, 1.5, 9])]
  const writer = writeSlot({ directory, families })
  t.strictSame(namesIn(directory), ['0.base.1', '0.labels.1.1', '0.values.1.1.0', '0.values.1.1.1'])
  for (const name of namesIn(directory)) t.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name)
  t.strictSame(mergeSlots(directory, [0]), seriesOf(families))

  families.push(new CounterFamily({ name: 'later_total', help: 'Later' }))
  writer.write()
  t.strictSame(mergeSlots(directory, [0]), seriesOf(families), 'a family that was added')
  writer.close()
  t.strictSame(mergeSlots(directory, [0]), seriesOf(families), 'files stay when the writer closes them')
})

t.test('series that change in any way are read as they are after each write', async t => {
  const number = fc.double({ min: 0, max: 3, noNaN: true })
  const action = fc.oneof(
    fc.record({ kind: fc.constant('increase' as const), user: fc.nat(20), count: number }),
    fc.record({ kind: fc.constant('remove' as const), user: fc.nat(20) }),
    fc.record({ kind: fc.constant('reset' as const) }),
    fc.record({ kind: fc.constant('observe' as const), value: number }),
    fc.record({ kind: fc.constant('write' as const) })
  )
  const directories = t.testdir()
  let runs = 0
  t.doesNotThrow(() => {
    fc.assert(fc.property(fc.array(action, { maxLength: 60 }), actions => {
      const directory = join(directories, `${runs++}`)
      mkdirSync(directory)
      const families = [createCounter(), createGauge({}), createHistogram()] as const
      const [counter, , histogram] = families
      const writer = new SlotWriter({ directory, slot: 0, generation: 1, since: 1, families })
      const slots = new MergedSlots(directory, [0])
      for (const action of [...actions, { kind: 'write' as const }]) {
        if (action.kind === 'increase') increase(counter, `${action.user}`, action.count)
        else if (action.kind === 'reset') counter.reset()
        else if (action.kind === 'observe') histogram.record(0, action.value)
        else if (action.kind === 'remove') {
          const index = counter.table.findByValues([`${action.user}`])
          if (index !== NONE) counter.remove(index)
        } else {
          writer.write()
          slots.read()
          const [actual, expected] = [slots.series, seriesOf(families)]
          const keys = Object.keys(expected)
          if (Object.keys(actual).length !== keys.length || keys.some(key => `${actual[key]}` !== `${expected[key]}`)) {
            throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
          }
        }
      }
      writer.close()
    }), { numRuns: 60, seed: 20261126 })
  })
})

t.test('a reset that leaves series at 0 is written', async t => {
  const directory = t.testdir()
  const labels = [{ name: 'user', listed: [] }]
  const kept = new CounterFamily({ name: 'x', help: 'X', labels, keepsSeriesOnReset: true })
  increase(kept, 'a', 5)
  const writer = writeSlot({ directory, families: [kept] })
  kept.reset()
  writer.write()
  t.strictSame(mergeSlots(directory, [0]), { 'x["a"]': [0] })
  writer.close()
})

t.test('the labels log is compacted when thousands of series come and go', async t => {
  const directory = t.testdir()
  const counter = createCounter()
  const writer = writeSlot({ directory, families: [counter] })
  const slots = new MergedSlots(directory, [0])
  let largest = 0
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 300; i++) increase(counter, `round-${round}-${i}`, i)
    writer.write()
    slots.read()
    t.strictSame(slots.series, seriesOf([counter]), String(round))
    for (let i = 0; i < 295; i++) remove(counter, `round-${round}-${i}`)
    largest = Math.max(largest, namesIn(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0))
  }
  t.ok(namesIn(directory).includes('0.base.1'))
  t.equal(namesIn(directory).length, 4)
  t.ok(largest < 2 ** 18, `${largest} bytes`)
  writer.close()
})

t.test('a takeover replaces the base, and deletes the files of lower generations with counts', async t => {
  const directory = t.testdir()
  writeFileSync(join(directory, '1.base.1'), 'another slot')
  writeFileSync(join(directory, '0.owner.1'), '{}')
  const families = [createCounter({ a: 1, b: 2 }), createGauge({ a: 5 }), createHistogram([1])]
  writeSlot({ directory, families }).close()
  writeFileSync(join(directory, '0.samples.1'), '{}')
  const { inherited, problems } = readInherited({ directory, slot: 0 })
  t.strictSame(problems, [])
  writeSlot({ directory, generation: 2, since: 2, families: [createCounter({ b: 3, c: 4 })], inherited }).close()
  t.strictSame(namesIn(directory), [
    '0.base.2', '0.labels.2.1', '0.owner.1', '0.samples.1', '0.values.2.1.0', '0.values.2.1.1', '1.base.1'
  ])
  t.strictSame(mergeSlots(directory, [0]), {
    'calls_total["a"]': [1], 'calls_total["b"]': [5], 'calls_total["c"]': [4], 'run_seconds[]': [1, 1, 0, 0]
  })
})

/** Removes series as `ServiceRemovals` does; returns whether there were any. */
function removeInherited (writer: SlotWriter, ...removals: readonly Removal[]): boolean {
  const write = runToEnd(writer.removeInherited(removals))
  write?.()
  return write !== null
}

const calls = (...labels: readonly string[]): Removal => ({ metric: 'calls_total', labels })

t.test('removed and reset series are removed from what was inherited, too', async t => {
  const directory = t.testdir()
  const inherited = [{ family: createCounter({ a: 1, b: 2 }), since: 1 }, { family: createHistogram([1]), since: 1 }]
  const writer = new SlotWriter({ directory, slot: 0, generation: 1, since: 2, families: [], inherited })
  t.ok(removeInherited(writer, calls('a')))
  writer.write()
  const expected = { 'calls_total["b"]': [2], 'run_seconds[]': [1, 1, 0, 0] }
  t.strictSame(mergeSlots(directory, [0]), expected, 'before the base is written')

  const before = readFileSync(join(directory, '0.base.1'))
  t.notOk(removeInherited(writer, { metric: 'none', labels: null }, { metric: 'none', labels: [] }))
  t.notOk(removeInherited(writer, calls('z'), calls(), calls('b', 'c')))
  t.strictSame(readFileSync(join(directory, '0.base.1')), before, 'what does not exist changes nothing')

  t.ok(removeInherited(writer, { metric: 'none', labels: null }, { metric: 'run_seconds', labels: null }))
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["b"]': [2] })
  t.ok(removeInherited(writer, calls('b')))
  t.notOk(removeInherited(writer, calls('b'), { metric: 'run_seconds', labels: null }))
  writer.write()
  t.strictSame(mergeSlots(directory, [0]), {})
  writer.close()
})

t.test('inherited series expire that the process does not have', async t => {
  const directory = t.testdir()
  const family = createCounter({ a: 1 })
  const counts = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}`, 1]))
  const inherited = [{ family: createCounter({ a: 1, b: 2, ...counts }), since: 1 }]
  const writer = writeSlot({ directory, families: [family], inherited })
  const expire = (...families: readonly Family[]): boolean => {
    const write = runToEnd(writer.removeInherited([], families))
    write?.()
    return write !== null
  }
  const other = new CounterFamily({ name: 'calls_total', help: 'C', labels: [{ name: 'other', listed: [] }] })
  t.notOk(expire(createHistogram([1]), other), 'of other metrics')
  t.equal(Object.keys(mergeSlots(directory, [0])).length, 102)
  t.ok(expire(family))
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [2] })
  t.notOk(expire(family))
  writer.close()
})

t.test('thousands of inherited series are read, removed and written with pauses', async t => {
  const directory = t.testdir()
  const counts = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`user-${i}`, i]))
  const writer = writeSlot({ directory, inherited: [{ family: createCounter(counts), since: 1 }] })
  const removals = Array.from({ length: 1000 }, (_, i) => calls(`user-${i}`))
  const steps = writer.removeInherited(removals)
  let pauses = 0
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) pauses++
  t.ok(pauses > 2 * 4000 / 32 + 1000 / 32, `${pauses} pauses`)
  t.equal(Object.keys(mergeSlots(directory, [0])).length, 5000, 'nothing is written yet')
  step.value?.()
  t.equal(Object.keys(mergeSlots(directory, [0])).length, 4000)
  writer.close()
})

t.test('inherited counts that cannot be read at present stay, and are removed later', async t => {
  const directory = t.testdir()
  let fails = false
  const openSync: FileSystem['openSync'] = (...args) => {
    if (fails) throw Object.assign(new Error('too many files'), { code: 'EMFILE' })
    return fs.openSync(...args)
  }
  const inherited = [{ family: createCounter({ a: 1 }), since: 1 }]
  const writer = writeSlot({ directory, inherited, fs: { ...fs, openSync } })
  fails = true
  t.equal(reasonOf(() => { removeInherited(writer, calls('a')) }), 'unreadable')
  fails = false
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [1] })
  t.ok(removeInherited(writer, calls('a')))
  t.strictSame(mergeSlots(directory, [0]), {})
  writer.close()
})

t.test('files that were deleted are written again', async t => {
  const directory = t.testdir()
  const counter = createCounter({ a: 1 })
  const writer = writeSlot({ directory, families: [counter] })
  for (const name of ['0.base.1', '0.labels.1.1', '0.values.1.2.0', '0.values.1.3.1']) {
    unlinkSync(join(directory, name))
    increase(counter, 'a')
    writer.write()
    t.strictSame(mergeSlots(directory, [0]), seriesOf([counter]), name)
  }
  rmSync(directory, { recursive: true })
  t.throws(() => { writer.write() }, { code: 'ENOENT' })
  mkdirSync(directory)
  writer.write()
  t.strictSame(mergeSlots(directory, [0]), seriesOf([counter]), 'with the directory')
  writer.close()
})

t.test('a second writer of a generation begins after the epochs of the first', async t => {
  const directory = t.testdir()
  writeSlot({ directory, families: [createCounter({ a: 1 })] }).close()
  writeSlot({ directory, families: [createCounter({ a: 2 })] }).close()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [2] })
  t.strictSame(namesIn(directory), ['0.base.1', '0.labels.1.2', '0.values.1.2.0', '0.values.1.2.1'])
})

t.test('a full or read-only disk leaves what was written before, and writing goes on when there is space', async t => {
  const faults = [
    { kind: 'error', code: 'ENOSPC' }, { kind: 'error', code: 'EROFS' },
    { kind: 'short', share: 0 }, { kind: 'short', share: 0.5 }
  ] as const
  for (const fault of faults) {
    for (let at = 0, isDone = false; !isDone; at++) {
      const directory = t.testdir()
      const counter = createCounter({ a: 1 })
      const faulty = new FaultyFileSystem(at, fault)
      const switched: { fs: FileSystem } = { fs: faulty.fs }
      const fs = new Proxy(faulty.fs, { get: (_, name) => Reflect.get(switched.fs, name) as unknown })
      const writer = new SlotWriter({ directory, slot: 0, generation: 1, since: 1, families: [counter], fs })
      let written: Record<string, number[]> = {}
      let failures = 0
      for (let round = 0; round < 4; round++) {
        increase(counter, `user-${round}`)
        try {
          writer.write()
          written = seriesOf([counter])
        } catch {
          failures++
        }
        t.strictSame(mergeSlots(directory, [0]), written)
      }
      isDone = failures === 0
      switched.fs = nodeFs
      writer.write()
      t.strictSame(mergeSlots(directory, [0]), seriesOf([counter]))
      t.ok(namesIn(directory).length <= 7, namesIn(directory).join())
      writer.close()
    }
  }
})

t.test('more series than readers accept are an error', async t => {
  const directory = t.testdir()
  const counter = createCounter({ a: 1 })
  const writer = writeSlot({ directory, families: [counter] })
  Object.defineProperty(counter.table.pages, 'width', { value: 2 ** 24 })
  t.equal(reasonOf(() => { writer.write() }), 'too_large')
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [1] })
})

const nodeFs: FileSystem = fs

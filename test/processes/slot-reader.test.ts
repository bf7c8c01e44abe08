import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { InheritedFamily } from '../../lib/processes/base-file.js'
import type { FileSystem } from '../../lib/processes/file-system.js'
import { readInherited } from '../../lib/processes/inheritance.js'
import { LogEncoder } from '../../lib/processes/labels-log.js'
import { NumberArena } from '../../lib/processes/number-arena.js'
import { SharedLabels } from '../../lib/processes/shared-series.js'
import { SlotReader } from '../../lib/processes/slot-reader.js'
import type { SlotState } from '../../lib/processes/slot-reader.js'
import type { Family } from '../../lib/series/family.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import {
  createCounter, createGauge, createHistogram, increase, MergedSlots, mergeSlots, seriesOf, writeSlot
} from '../fixtures/processes/slots.js'
import { createRandom } from '../fixtures/random.js'

type ReadDirectory = typeof fs.readdirSync
type ReadFile = typeof fs.readSync

const createFamilies = (): Family[] =>
  [createCounter({ a: 1, b: 2.5, é: 3 }), createGauge({ a: -3 }), createHistogram([0.5, 9])]
const createInherited = (): InheritedFamily[] => [{ family: createCounter({ a: 7, x: 1 }), since: 0 }]

function read (directory: string, fs?: FileSystem): SlotState {
  const reader = new SlotReader({ directory, slot: 0, labels: new SharedLabels(), fs })
  const state = runToEnd(reader.read({ arena: new NumberArena() }))
  reader.close()
  return state
}

function reasonsOf ({ problems }: SlotState): string[] {
  return problems.map(({ reason }) => reason)
}

/** A directory with a base and live counts. */
function createSlot (directory: string): void {
  writeSlot({ directory, families: createFamilies(), inherited: createInherited() }).close()
}

t.test('a slot without files has no counts', async t => {
  const state = read(t.testdir())
  t.strictSame(state, { generation: 0, base: [], live: [], writtenAt: 0, problems: [] })
})

t.test('a directory that does not exist is a problem', async t => {
  t.strictSame(reasonsOf(read(join(t.testdir(), 'none'))), ['missing'])
})

t.test('the base and the live counts are read, with the time of the last write', async t => {
  const directory = t.testdir()
  createSlot(directory)
  const { generation, base, live, writtenAt, problems } = read(directory)
  t.strictSame([generation, problems], [1, []])
  t.strictSame(base.map(({ definition }) => definition.name), ['calls_total'])
  t.strictSame(live.map(({ definition }) => definition.name), ['calls_total', 'users', 'run_seconds'])
  t.strictSame(live.map(({ numbers }) => [...numbers]), [[1, 2.5, 3], [-3], [9.5, 1, 0, 1]])
  t.ok(Math.abs(writtenAt - Date.now()) < 60_000)
})

t.test('only what is new in the labels log is read', async t => {
  const directory = t.testdir()
  const counter = createCounter(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`user-${i}`, i])))
  const writer = writeSlot({ directory, families: [counter] })
  let bytes = 0
  const readSync = ((...args: Parameters<ReadFile>) => {
    const size = fs.readSync(...args)
    if (args[1] instanceof Uint8Array) bytes += size
    return size
  }) as ReadFile
  const slots = new MergedSlots(directory, [0], { ...fs, readSync })
  slots.read()
  t.ok(bytes > 10_000, `${bytes} bytes`)
  bytes = 0
  increase(counter, 'another')
  writer.write()
  slots.read()
  t.strictSame(slots.series, seriesOf([counter]))
  t.ok(bytes < 300, `${bytes} bytes`)
  writer.close()
})

t.test('the newest epoch that has values is read', async t => {
  const directory = t.testdir()
  createSlot(directory)
  for (const file of ['labels.1.2', 'values.1.2.0', 'values.1.2.1']) writeFileSync(join(directory, `0.${file}`), '')
  t.equal(read(directory).live.length, 3, 'while the next one is created')
  for (const file of ['labels.1.1', 'values.1.1.0', 'values.1.1.1']) unlinkSync(join(directory, `0.${file}`))
  t.equal(read(directory).live.length, 0, 'none has values')
})

t.test('a takeover in the middle of reading is read from the beginning', async t => {
  // At each call of the file system in turn the slot gets another owner, or its log is compacted.
  for (const kind of ['takeover', 'compaction']) {
    for (let at = 0, isDone = false; !isDone; at++) {
      const directory = join(t.testdir(), `${kind}-${at}`)
      mkdirSync(directory)
      createSlot(directory)
      const expected = mergeSlots(directory, [0])
      let calls = 0
      const interrupt = (): void => {
        if (calls++ !== at) return
        const { inherited } = readInherited({ directory, slot: 0 })
        const [generation, families] = kind === 'takeover' ? [2, [createGauge({ a: -3 })]] : [1, createFamilies()]
        const base = kind === 'takeover' ? inherited : createInherited()
        writeSlot({ directory, generation, families, inherited: base }).close()
      }
      const interrupted: FileSystem = {
        ...fs,
        openSync: (...args) => {
          interrupt()
          return fs.openSync(...args)
        },
        readdirSync: ((...args: Parameters<ReadDirectory>) => {
          interrupt()
          return fs.readdirSync(...args)
        }) as ReadDirectory,
        readSync: ((...args: Parameters<ReadFile>) => {
          interrupt()
          return fs.readSync(...args)
        }) as ReadFile
      }
      const slots = new MergedSlots(directory, [0], interrupted)
      const { slots: [report] } = slots.read()
      t.strictSame(report!.problems, [])
      t.strictSame(slots.series, expected, `${kind} at call ${at}`)
      isDone = calls <= at
    }
  }
})

t.test('files that are always deleted before they are read are a problem', async t => {
  const directory = t.testdir()
  createSlot(directory)
  const openSync = (() => { throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' }) }) as typeof fs.openSync
  t.strictSame(reasonsOf(read(directory, { ...fs, openSync })), ['missing'])
})

t.test('an error of the operating system is a problem, a bug is not hidden', async t => {
  const directory = t.testdir()
  createSlot(directory)
  const failing = (error: Error): FileSystem => ({
    ...fs,
    fstatSync: () => { throw error }
  })
  const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' })
  t.strictSame(reasonsOf(read(directory, failing(denied))), ['unreadable', 'unreadable'])
  t.throws(() => read(directory, failing(new TypeError('a bug'))), { message: 'a bug' })
})

t.test('a list of names that the caller has read is used, unless files are missing in it', async t => {
  const directory = t.testdir()
  createSlot(directory)
  let lists = 0
  const readdirSync = ((...args: Parameters<ReadDirectory>) => {
    lists++
    return fs.readdirSync(...args)
  }) as ReadDirectory
  const names = readdirSync(directory)
  const deleted = names.map(name => name.replace('.1', '.0'))
  const cases = [[names, 1], [[], 2], [['0.base.1'], 3], [deleted, 4]] as const
  for (const [names, expected] of cases) {
    const slots = new MergedSlots(directory, [0], { ...fs, readdirSync })
    runToEnd(slots.steps(undefined, names))
    t.strictSame(slots.series, mergeSlots(directory, [0]))
    t.equal(lists, expected)
  }
})

t.test('files of a directory that was created again are not taken for the former ones', async t => {
  const [directory, other] = [join(t.testdir(), 'a'), join(t.testdir(), 'b')]
  for (const path of [directory, other]) mkdirSync(path)
  const slots = new MergedSlots(directory, [0])
  const inherited = [{ family: createCounter({ y: 7, z: 1 }), since: 0 }]
  writeSlot({ directory, families: [createCounter({ a: 1, b: 2 })], inherited }).close()
  slots.read()
  writeSlot({ directory: other, families: [createCounter({ c: 3, d: 4 })], inherited: createInherited() }).close()
  for (const name of readdirSync(other)) copyFileSync(join(other, name), join(directory, name))
  slots.read()
  t.strictSame(slots.series, mergeSlots(other, [0]))

  writeSlot({ directory: other, families: [createCounter({ e: 5 })] }).close()
  copyFileSync(join(other, '0.labels.1.2'), join(directory, '0.labels.1.1'))
  t.strictSame(reasonsOf(read(directory)), ['malformed'], 'a log that the values do not belong to')
})

t.test('a labels log that became shorter is decoded again', async t => {
  const directory = t.testdir()
  const counter = createCounter({ a: 1 })
  const writer = writeSlot({ directory, families: [counter] })
  const paths = ['0.values.1.1.0', '0.values.1.1.1'].map(name => join(directory, name))
  const before = paths.map(path => [path, readFileSync(path)] as const)
  const expected = seriesOf([counter])
  increase(counter, 'b')
  writer.write()
  const slots = new MergedSlots(directory, [0])
  slots.read()
  for (const [path, bytes] of before) writeFileSync(path, bytes)
  slots.read()
  t.strictSame(slots.series, expected)
  writer.close()
})

t.test('reading can be abandoned at any pause, and continued later', async t => {
  const directory = t.testdir()
  const counter = createCounter(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`user-${i}`, i])))
  const writer = writeSlot({ directory, families: [counter], inherited: [{ family: counter, since: 0 }] })
  const slots = new MergedSlots(directory, [0])
  for (let pauses = 0; pauses < 40; pauses++) {
    const steps = slots.steps()
    for (let i = 0; i < pauses; i++) steps.next()
    steps.return(undefined as never)
    increase(counter, `another-${pauses}`)
    writer.write()
  }
  slots.read()
  t.strictSame(slots.series, mergeSlots(directory, [0]))
  writer.close()
})

/** Writes a log and numbers as a slot of generation 1. */
function writeFiles (directory: string, log: Buffer, numbers: readonly number[]): void {
  writeSlot({ directory }).close()
  const labels = readFileSync(join(directory, '0.labels.1.1')).subarray(0, 16)
  writeFileSync(join(directory, '0.labels.1.1'), Buffer.concat([labels, log]))
  const values = readFileSync(join(directory, '0.values.1.1.1')).subarray(0, 24)
  const counts = Buffer.from(Float64Array.of(log.length, numbers.length, ...numbers).buffer)
  writeFileSync(join(directory, '0.values.1.1.1'), Buffer.concat([values, counts]))
}

t.test('a log and numbers that do not fit are a problem', async t => {
  const definition = {
    type: 'counter',
    help: '',
    labelNames: ['user'],
    buckets: [],
    aggregator: 'sum',
    maxSeries: 9,
    unlimitedLabels: 0,
    since: 0
  } as const
  const encode = (change: (encoder: LogEncoder) => void, type: 'counter' | 'gauge' = 'counter'): Buffer => {
    const encoder = new LogEncoder()
    encoder.define({ ...definition, name: 'x', type })
    change(encoder)
    return Buffer.from(encoder.take())
  }
  const one = (encoder: LogEncoder): void => { encoder.begin(0, 0, ['a']) }
  const cases: ReadonlyArray<readonly [string, log: Buffer, numbers: readonly number[], reasons: readonly string[]]> = [
    ['what fits', encode(one), [1, 5], []],
    ['more indices than series', encode(one), [3, 5, 0, 0], []],
    ['no numbers', encode(one), [], ['malformed']],
    ['too few indices', encode(one), [0], ['malformed']],
    ['too few numbers', encode(one), [2, 5], ['malformed']],
    ['too many numbers', encode(one), [1, 5, 6], ['malformed']],
    ['a length that is a fraction', encode(one), [1.5, 5], ['malformed']],
    ['a negative length', encode(() => {}), [-1], ['malformed']],
    ['a huge length', encode(one), [2 ** 53, 5], ['malformed']],
    ['a counter below 0', encode(one), [1, -1], ['malformed']],
    ['a counter that is infinite', encode(one), [1, Infinity], ['malformed']],
    ['a counter that is NaN', encode(one), [1, NaN], ['malformed']],
    ['a gauge below 0', encode(one, 'gauge'), [1, -1], []],
    ['a gauge that is infinite', encode(one, 'gauge'), [1, -Infinity], ['malformed']],
    ['two series at an index', encode(encoder => { one(encoder); one(encoder) }), [1, 5], ['malformed']],
    ['the end of no series', encode(encoder => { encoder.end(0, 0) }), [1, 5], ['malformed']],
    ['a second end', encode(encoder => { one(encoder); encoder.end(0, 0); encoder.end(0, 0) }), [1, 5], ['malformed']],
    ['a huge index', encode(encoder => { encoder.begin(0, 2 ** 32 - 1, ['a']) }), [1, 5], ['too_large']],
    ['a log that is not complete', encode(one).subarray(0, -1), [1, 5], ['truncated']]
  ]
  for (const [what, log, numbers, reasons] of cases) {
    const directory = t.testdir()
    writeFiles(directory, log, numbers)
    t.strictSame(reasonsOf(read(directory)), reasons, what)
  }
})

t.test('a huge file takes no more memory than it has bytes', async t => {
  const directory = t.testdir()
  createSlot(directory)
  const counts = [['0.base.1', 16], ['0.base.1', 24], ['0.values.1.1.1', 24], ['0.values.1.1.1', 32]] as const
  for (const [name, position] of counts) {
    const path = join(directory, name)
    const bytes = readFileSync(path)
    const forged = Buffer.from(bytes)
    forged.writeDoubleLE(2 ** 23, position)
    writeFileSync(path, forged)
    const before = process.memoryUsage().arrayBuffers
    t.strictSame(reasonsOf(read(directory)), ['truncated'], `${name} ${position}`)
    t.ok(process.memoryUsage().arrayBuffers - before < 2 ** 22)
    writeFileSync(path, bytes)
  }
})

t.test('a truncated file is a problem, or leaves what was written before', async t => {
  const directory = t.testdir()
  createSlot(directory)
  const expected = mergeSlots(directory, [0])
  for (const name of ['0.base.1', '0.labels.1.1', '0.values.1.1.1']) {
    const path = join(directory, name)
    const bytes = readFileSync(path)
    for (let size = bytes.length - 1; size >= 0; size--) {
      truncateSync(path, size)
      const slots = new MergedSlots(directory, [0])
      const { slots: [report] } = slots.read()
      const isEmpty = name === '0.values.1.1.1' && size < 24
      if (report!.problems.length !== (isEmpty ? 0 : 1)) t.fail(`${name} of ${size} bytes`)
      for (const [series, numbers] of Object.entries(slots.series)) {
        if (numbers.some((number, i) => number > expected[series]![i]!)) t.fail(`${name} of ${size} bytes: ${series}`)
      }
    }
    writeFileSync(path, bytes)
  }
  t.strictSame(mergeSlots(directory, [0]), expected)
})

/** Replaces the content of a file. ext4 takes 3 ms to replace a file that was truncated to 0. */
function overwrite (path: string, bytes: Buffer): void {
  const fd = fs.openSync(path, 'r+')
  fs.writeSync(fd, bytes, 0, bytes.length, 0)
  fs.ftruncateSync(fd, bytes.length)
  fs.closeSync(fd)
}

t.test('files with any bytes changed, or with other content, never cause an error', async t => {
  const directory = t.testdir()
  createSlot(directory)
  const random = createRandom(20261126)
  const files = ['0.base.1', '0.labels.1.1', '0.values.1.1.0', '0.values.1.1.1'].map(name => join(directory, name))
  const originals = files.map(path => readFileSync(path))
  const foreign = [
    Buffer.from('{"pid":1}'), Buffer.alloc(1000), Buffer.alloc(100, 255), Buffer.from('\u007fELF'.repeat(50))
  ]
  const slots = new MergedSlots(directory, [0])
  let problems = 0
  for (let run = 0; run < 2000; run++) {
    for (const [i, path] of files.entries()) {
      const bytes = Buffer.from(random.float() < 0.05 ? random.pick(foreign) : originals[i]!)
      for (let changes = random.integer(0, 3); changes > 0; changes--) {
        const at = random.integer(0, bytes.length - 1)
        bytes[at] = random.pick([bytes[at]! ^ 1 << random.integer(0, 7), 0, 255, random.integer(0, 255)])
      }
      overwrite(path, bytes)
    }
    problems += slots.read().slots[0]!.problems.length
  }
  t.ok(problems > 1000, `${problems} problems`)
  for (const [i, path] of files.entries()) writeFileSync(path, originals[i]!)
  slots.read()
  t.strictSame(slots.series, mergeSlots(directory, [0]), 'the files as they were are read as before')
})

import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import type { FileSystem } from '../../lib/processes/file-system.js'
import type { DatedFamily } from '../../lib/processes/samples-format.js'
import { SamplesReader } from '../../lib/processes/samples-reader.js'
import type { ListedSlot, SamplesOfSlots } from '../../lib/processes/samples-reader.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { byUser, datedFamily, listedSlots, valuesOf, writeGeneration } from '../fixtures/processes/sampled-families.js'

const NONE = null

const counter = (value: number): DatedFamily[] => [datedFamily('c_total', byUser('counter', { a: value }))]

/** Each part of each slot: its value, and whether its process is running. */
function shown ({ slots }: SamplesOfSlots): unknown {
  return slots.map(({ slot, parts }) => [
    slot, ...parts.map(({ families, isLiving }) => [...Object.values(valuesOf(families)), isLiving])
  ])
}

const read = (directory: string, slots: readonly ListedSlot[], fs: FileSystem = nodeFileSystem): SamplesOfSlots =>
  runToEnd(new SamplesReader(directory, fs).read(slots, NONE))

t.test('reads what is carried and the samples of each slot', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { slot: 0, carried: counter(1), samples: counter(2) })
  writeGeneration(directory, { slot: 3, generation: 5, samples: counter(3) })
  writeGeneration(directory, { slot: 4, carried: counter(4), samples: null })
  t.strictSame(shown(read(directory, listedSlots(directory, [3]))), [
    [0, [1, false], [2, true]], [3, [false], [3, false]], [4, [4, false], [true]]
  ])
  t.strictSame(read(directory, []), { slots: [], problems: [] })
})

t.test('a slot whose owner has not written yet has the samples of the owner before', async t => {
  const directory = t.testdir({ '1.owner.1': '' })
  writeGeneration(directory, { generation: 2, carried: counter(1), samples: counter(2) })
  const slots = listedSlots(directory).map(slot => ({ ...slot, generation: 3 }))
  t.strictSame(shown(read(directory, slots)), [[0, [1, false], [2, false]], [1]])
})

t.test('the samples of this process are not read', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { carried: counter(1), samples: counter(2) })
  const reader = new SamplesReader(directory, nodeFileSystem)
  const slots = listedSlots(directory)
  t.strictSame(shown(runToEnd(reader.read(slots, { slot: 0, generation: 1 }))), [[0, [1, false], [true]]])
  t.strictSame(shown(runToEnd(reader.read(slots, { slot: 0, generation: 2 }))), [[0, [1, false], [2, true]]])
  t.strictSame(shown(runToEnd(reader.read(slots, { slot: 1, generation: 1 }))), [[0, [1, false], [2, true]]])
})

t.test('a file is read once, until it is replaced or its slot has gone', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { carried: counter(1), samples: counter(2) })
  let reads = 0
  const readSync = ((...args: Parameters<typeof fs.readSync>) => {
    reads++
    return fs.readSync(...args)
  }) as typeof fs.readSync
  const reader = new SamplesReader(directory, { ...nodeFileSystem, readSync })
  const readAll = (): number => {
    const before = reads
    runToEnd(reader.read(listedSlots(directory), NONE))
    return reads - before
  }
  t.ok(readAll() > 0)
  t.equal(readAll(), 0)
  writeGeneration(directory, { samples: counter(3) })
  t.ok(readAll() > 0)
  runToEnd(reader.read([], NONE))
  t.ok(readAll() > 0, 'it was forgotten')
})

t.test('reports a file that cannot be used, and reads the others', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { slot: 0, carried: counter(1), samples: null })
  writeGeneration(directory, { slot: 1, samples: counter(2) })
  fs.writeFileSync(join(directory, '0.samples.1'), 'x\n')
  fs.mkdirSync(join(directory, '2.samples.1'))
  writeGeneration(directory, { slot: 2, samples: null })
  const result = read(directory, listedSlots(directory))
  t.strictSame(shown(result), [[0, [1, false], [true]], [1, [false], [2, true]], [2, [false], [true]]])
  t.strictSame(result.problems.map(({ slot, problem }) => [slot, problem.reason]), [[0, 'malformed'], [2, 'foreign']])
})

t.test('a takeover in the middle of reading is read from the beginning', async t => {
  // At each call of the file system in turn the next owner takes the slot, and has inherited the sum.
  for (let at = 0, isDone = false; !isDone; at++) {
    const directory = join(t.testdir(), `${at}`)
    fs.mkdirSync(directory)
    writeGeneration(directory, { carried: counter(1), samples: counter(2) })
    const slots = listedSlots(directory, [0])
    let calls = 0
    const openSync = ((...args: Parameters<typeof fs.openSync>) => {
      if (calls++ === at) {
        writeGeneration(directory, { generation: 2, carried: counter(3), samples: null })
        for (const name of ['carried', 'samples']) fs.unlinkSync(join(directory, `0.${name}.1`))
      }
      return fs.openSync(...args)
    }) as typeof fs.openSync
    const { slots: [slot], problems } = read(directory, slots, { ...nodeFileSystem, openSync })
    const sum = slot?.parts.flatMap(({ families }) => Object.values(valuesOf(families))).reduce((a, b) => a + b)
    t.strictSame([sum, problems], [3, []], `at call ${at}`)
    isDone = calls <= at
  }
})

t.test('a slot that cannot be read has its last samples until it can', async t => {
  const directory = t.testdir()
  let failing = /^$/
  const openSync = ((...args: Parameters<typeof fs.openSync>) => {
    if (failing.test(basename(String(args[0])))) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
    return fs.openSync(...args)
  }) as typeof fs.openSync
  const reader = new SamplesReader(directory, { ...nodeFileSystem, openSync })
  const readAll = (): SamplesOfSlots => runToEnd(reader.read(listedSlots(directory), NONE))
  const expect = (parts: unknown, reasons: readonly string[], what: string): void => {
    const result = readAll()
    t.strictSame(shown(result), [[0, ...parts as unknown[]]], what)
    t.strictSame(result.problems.map(({ problem }) => problem.reason), reasons)
  }
  writeGeneration(directory, { carried: counter(1), samples: counter(2) })
  failing = /samples/
  expect([[1, false], [true]], ['unreadable'], 'never read')
  failing = /^$/
  expect([[1, false], [2, true]], [], 'read')
  writeGeneration(directory, { samples: counter(4) })
  failing = /carried|samples/
  expect([[1, false], [2, true]], ['unreadable', 'unreadable'], 'not readable')
  writeGeneration(directory, { generation: 2, carried: counter(5), samples: counter(6) })
  for (const name of ['carried', 'samples']) fs.unlinkSync(join(directory, `0.${name}.1`))
  expect([[1, false], [2, false]], ['unreadable', 'unreadable'], 'the next owner is not readable')
  failing = /^$/
  expect([[5, false], [6, true]], [], 'readable again')
  runToEnd(reader.read([], NONE))
  failing = /samples/
  expect([[5, false], [true]], ['unreadable'], 'forgotten with its slot')
})

t.test('reports a slot whose files are deleted during each attempt', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { samples: null })
  let generation = 1
  const openSync = ((...args: Parameters<typeof fs.openSync>) => {
    fs.renameSync(join(directory, `0.carried.${generation}`), join(directory, `0.carried.${++generation}`))
    return fs.openSync(...args)
  }) as typeof fs.openSync
  const { problems } = read(directory, listedSlots(directory), { ...nodeFileSystem, openSync })
  t.strictSame(problems.map(({ slot, problem }) => [slot, problem.reason]), [[0, 'missing']])
})

t.test('a slot whose files are deleted has no samples', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { samples: counter(1) })
  const slots = listedSlots(directory)
  for (const name of fs.readdirSync(directory)) fs.unlinkSync(join(directory, name))
  t.strictSame(read(directory, slots), { slots: [{ slot: 0, parts: [] }], problems: [] })
})

t.test('throws if the directory was removed', async t => {
  const directory = join(t.testdir({ service: {} }), 'service')
  writeGeneration(directory, { samples: null })
  const slots = listedSlots(directory)
  fs.rmSync(directory, { recursive: true })
  t.throws(() => read(directory, slots), { code: 'ENOENT' })
})

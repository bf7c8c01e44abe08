import { truncateSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { InputFile, nodeFileSystem } from '../../lib/processes/file-system.js'
import type { FileSystem } from '../../lib/processes/file-system.js'
import { NumberArena } from '../../lib/processes/number-arena.js'
import { countOf, numberBlocks, readValues, ValuesWriter } from '../../lib/processes/values-file.js'
import type { Values } from '../../lib/processes/values-file.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { FaultyFileSystem } from '../fixtures/processes/fault.js'
import { reasonOf } from '../fixtures/processes/reason-of.js'
import { createCounter, createHistogram, increase } from '../fixtures/processes/slots.js'

function pathsIn (directory: string): readonly [string, string] {
  return [join(directory, 'even'), join(directory, 'odd')]
}

function read (paths: readonly [string, string], fs: FileSystem = nodeFileSystem): Values | null {
  const [even, odd] = paths.map(path => new InputFile(fs, path)) as [InputFile, InputFile]
  try {
    return runToEnd(readValues([even, odd], new NumberArena()))
  } finally {
    even.close()
    odd.close()
  }
}

t.test('the blocks of families are their lengths and numbers, page by page', async t => {
  const counter = createCounter({ a: 1, b: 2 })
  const pages = new CounterFamily({ name: 'x', help: 'X', labels: [{ name: 'user', listed: [] }] })
  for (let i = 0; i < 300; i++) increase(pages, `${i}`, i)
  const none = createCounter()
  const blocks = numberBlocks([counter, pages, none, createHistogram([1.5])])
  const numbers = blocks.flatMap(block => [...block])
  t.strictSame(numbers, [2, 1, 2, 300, ...Array.from({ length: 300 }, (_, i) => i), 0, 1, 1.5, 0, 1, 0])
  t.equal(countOf(blocks), numbers.length)
})

t.test('the last values are read, with what they belong to', async t => {
  const paths = pathsIn(t.testdir())
  const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 42 })
  t.equal(read(paths), null, 'there are none yet')
  for (let sequence = 1; sequence < 5; sequence++) {
    writer.write(10 * sequence, [Float64Array.of(sequence), Float64Array.of(7, 8)])
    const { numbers, writtenAt, ...rest } = read(paths)!
    t.strictSame(rest, { sequence, nonce: 42, logLength: 10 * sequence })
    t.strictSame([...numbers], [sequence, 7, 8])
    t.ok(Math.abs(writtenAt - Date.now()) < 60_000)
  }
  t.equal(writer.haveNames, true)
  fs.unlinkSync(paths[1])
  t.equal(writer.haveNames, false)
  writer.close()
})

t.test('a write that fails at any byte leaves the values of the last one', async t => {
  const blocks = (value: number): Float64Array[] => [new Float64Array(50).fill(value)]
  for (const at of [6, 7]) { // both files are created by four calls, and written to once by two
    for (let part = 0; part < 20; part++) {
      const paths = pathsIn(t.testdir())
      const faulty = new FaultyFileSystem(at, { kind: 'short', share: part / 20 })
      const writer = new ValuesWriter(faulty.fs, { paths, nonce: 1 })
      writer.write(1, blocks(1))
      t.throws(() => { writer.write(2, blocks(2)) }, { code: 'ENOSPC' })
      t.equal(read(paths)!.numbers.every(number => number === 1), true)
      writer.close()
    }
  }
})

t.test('files that cannot be created are closed', async t => {
  for (const at of [0, 1, 2, 3]) {
    const { fs: faulty } = new FaultyFileSystem(at, { kind: 'error', code: 'ENOSPC' })
    let open = 0
    const counting: FileSystem = {
      ...faulty,
      openSync: (...args) => {
        const fd = faulty.openSync(...args)
        open++
        return fd
      },
      closeSync: fd => {
        faulty.closeSync(fd)
        open--
      }
    }
    t.throws(() => new ValuesWriter(counting, { paths: pathsIn(t.testdir()), nonce: 1 }))
    t.equal(open, 0)
  }
})

t.test('values that their owner overwrites are read again', async t => {
  const paths = pathsIn(t.testdir())
  const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 1 })
  let value = 1
  const write = (): void => { writer.write(value, [new Float64Array(value % 2 === 0 ? 5 : 6).fill(value++)]) }
  write()
  for (const [writes, expected] of [[0, 1], [1, 2], [2, 4], [9, 13], [20, undefined]] as const) {
    let left: number = writes
    /** The owner writes before the header and before the numbers are read, so it overwrites both files. */
    const readSync = ((...[fd, view, offset, length, position]: [number, Uint8Array, number, number, number]) => {
      if (view.byteLength > 32 && left-- > 0) write()
      return fs.readSync(fd, view, offset, length, position)
    }) as typeof fs.readSync
    if (expected === undefined) {
      t.equal(reasonOf(() => read(paths, { ...nodeFileSystem, readSync })), 'busy')
    } else {
      const values = read(paths, { ...nodeFileSystem, readSync })!
      t.strictSame([...new Set(values.numbers)], [expected], `${writes} writes`)
      t.equal(values.logLength, expected)
    }
  }
  writer.close()
})

t.test('values are read in the end although their owner writes in each pause', async t => {
  const paths = pathsIn(t.testdir())
  const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 1 })
  let writes = 0
  const write = (): void => { writer.write(0, [new Float64Array(300_000).fill(++writes)]) }
  write()
  const files = paths.map(path => new InputFile(nodeFileSystem, path)) as [InputFile, InputFile]
  const steps = readValues(files, new NumberArena())
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) {
    // Two writes, of which the second is to the file that is being read.
    write()
    write()
  }
  t.strictSame([...new Set(step.value!.numbers)], [writes])
  t.ok(writes > 10, `${writes} writes`)
  for (const file of [writer, ...files]) file.close()
})

t.test('very many values are read in parts, with pauses', async t => {
  const paths = pathsIn(t.testdir())
  const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 1 })
  const expected = Float64Array.from({ length: 300_000 }, (_, i) => i)
  writer.write(0, [expected])
  writer.close()
  const files = paths.map(path => new InputFile(nodeFileSystem, path)) as [InputFile, InputFile]
  const steps = readValues(files, new NumberArena())
  let pauses = 0
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) pauses++
  t.equal(pauses, 2)
  t.equal(Buffer.compare(Buffer.from(step.value!.numbers.slice().buffer), Buffer.from(expected.buffer)), 0)
  for (const file of files) file.close()
})

t.test('a header or a length that cannot be is rejected', async t => {
  const cases: ReadonlyArray<readonly [what: string, change: (bytes: Buffer) => void, reason: string | undefined]> = [
    ['another kind', bytes => { bytes[0] = 0 }, 'foreign'],
    ['another version', bytes => { bytes[4] = 2 }, 'version'],
    ['a negative length of the log', bytes => { bytes.writeDoubleLE(-1, 24) }, 'malformed'],
    ['a length of the log that is NaN', bytes => { bytes.writeDoubleLE(NaN, 24) }, 'malformed'],
    ['a huge length of the log', bytes => { bytes.writeDoubleLE(2 ** 40, 24) }, 'too_large'],
    ['a huge count', bytes => { bytes.writeDoubleLE(2 ** 40, 32) }, 'too_large'],
    ['a large count', bytes => { bytes.writeDoubleLE(2 ** 24, 32) }, 'truncated'],
    ['a fraction as count', bytes => { bytes.writeDoubleLE(1.5, 32) }, 'malformed'],
    ['a sequence that is NaN', bytes => { bytes.writeDoubleLE(NaN, 16) }, undefined],
    ['an infinite sequence', bytes => { bytes.writeDoubleLE(Infinity, 16) }, undefined],
    ['a negative sequence', bytes => { bytes.writeDoubleLE(-1, 16) }, undefined]
  ]
  for (const [what, change, reason] of cases) {
    const paths = pathsIn(t.testdir())
    const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 1 })
    writer.write(0, [Float64Array.of(1, 2)])
    writer.close()
    const bytes = fs.readFileSync(paths[1])
    change(bytes)
    writeFileSync(paths[1], bytes)
    t.equal(reasonOf(() => read(paths)), reason, what)
  }
})

t.test('a sequence that is NaN is never the newest, nor does it end an attempt', async t => {
  const paths = pathsIn(t.testdir())
  const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 1 })
  for (const value of [1, 2]) writer.write(0, [Float64Array.of(value)])
  writer.close()
  const bytes = fs.readFileSync(paths[0])
  bytes.writeDoubleLE(NaN, 16)
  writeFileSync(paths[0], bytes)
  t.equal(reasonOf(() => read(paths)), 'busy')
})

t.test('a file of any length is read without an error of its own', async t => {
  const paths = pathsIn(t.testdir())
  const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 1 })
  for (const value of [1, 2]) writer.write(0, [Float64Array.of(value, 2)])
  writer.close()
  for (let size = 40 + 16 - 1; size >= 0; size--) {
    truncateSync(paths[0], size)
    if (size < 24) t.equal(read(paths)!.sequence, 1, 'it has no sequence')
    else t.equal(reasonOf(() => read(paths)), 'truncated', String(size))
  }
  truncateSync(paths[1], 0)
  t.equal(read(paths), null)
})

t.test('an error while reading is reported as unreadable', async t => {
  const paths = pathsIn(t.testdir())
  const writer = new ValuesWriter(nodeFileSystem, { paths, nonce: 1 })
  writer.write(0, [new Float64Array(10)])
  writer.close()
  const readSync = ((...[fd, view, offset, length, position]: [number, Uint8Array, number, number, number]) => {
    if (view.byteLength > 40) throw Object.assign(new Error('EIO'), { code: 'EIO' })
    return fs.readSync(fd, view, offset, length, position)
  }) as typeof fs.readSync
  t.equal(reasonOf(() => read(paths, { ...nodeFileSystem, readSync })), 'unreadable')
})

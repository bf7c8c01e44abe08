import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encodeSamples } from '../../lib/processes/encode-samples.js'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import { readSamplesFile, writeSamplesFile } from '../../lib/processes/samples-file.js'
import type { ReadSamples, SamplesFile } from '../../lib/processes/samples-file.js'
import { MAX_FILE_BYTES } from '../../lib/processes/samples-format.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { reasonOf } from '../fixtures/processes/reason-of.js'
import { byUser, datedFamily, valuesOf } from '../fixtures/processes/sampled-families.js'

const fileIn = (directory: string): SamplesFile => ({ fs: nodeFileSystem, directory, name: '0.samples.1' })

function write (file: SamplesFile, value: number, families = 1): void {
  const all = Array.from({ length: families }, (_, i) => datedFamily(`g${i}`, byUser('gauge', { a: value })))
  writeSamplesFile(file, runToEnd(encodeSamples(all)).blocks)
}

const read = (file: SamplesFile, before?: ReadSamples): ReadSamples => runToEnd(readSamplesFile(file, before))

t.test('a file is read again only after it was replaced', async t => {
  const file = fileIn(t.testdir())
  write(file, 1)
  const first = read(file)
  t.strictSame(valuesOf(first.families), { 'g0{user=a}': 1 })
  t.equal(first.problem, null)
  t.equal(read(file, first), first)
  write(file, 2)
  const second = read(file, first)
  t.strictSame(valuesOf(second.families), { 'g0{user=a}': 2 })
  t.equal(fs.statSync(join(file.directory, file.name)).mode & 0o077, 0)
  t.strictSame(fs.readdirSync(file.directory), [file.name])
})

t.test('more blocks are written than the operating system writes at once', async t => {
  const file = fileIn(t.testdir())
  write(file, 1, 3000)
  t.equal(read(file).families.length, 3000)
})

t.test('a file that breaks a rule is reported, and not read again', async t => {
  const file = fileIn(t.testdir({ '0.samples.1': 'x\n' }))
  const broken = read(file)
  t.strictSame([broken.problem?.reason, broken.families], ['malformed', []])
  t.equal(read(file, broken), broken)
})

t.test('a file that is too large, missing, or not a file is not read', async t => {
  const file = fileIn(t.testdir())
  const path = join(file.directory, file.name)
  t.throws(() => read(file), { code: 'ENOENT' })
  fs.writeFileSync(path, '')
  fs.truncateSync(path, MAX_FILE_BYTES + 1)
  t.equal(reasonOf(() => read(file)), 'too_large')
  fs.truncateSync(path, MAX_FILE_BYTES)
  t.equal(read(file).problem?.reason, 'truncated')
  fs.unlinkSync(path)
  fs.mkdirSync(path)
  t.equal(reasonOf(() => read(file)), 'foreign')
})

t.test('an error that is not a problem with the file is thrown', async t => {
  const file = fileIn(t.testdir())
  write(file, 1)
  const readSync = (): never => { throw new TypeError('a bug') }
  t.throws(() => read({ ...file, fs: { ...nodeFileSystem, readSync } }), { message: 'a bug' })
})

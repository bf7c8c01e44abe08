import { execFileSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FileProblem, fileProblemOf } from '../../lib/processes/file-problem.js'
import { InputFile, nodeFileSystem, openAll, OutputFile } from '../../lib/processes/file-system.js'
import { reasonOf } from '../fixtures/processes/reason-of.js'

t.test('a file is created for its user alone, and written at positions', async t => {
  const path = join(t.testdir(), 'file')
  const output = new OutputFile(nodeFileSystem, path)
  t.equal(statSync(path).mode & 0o077, 0)
  output.write([Buffer.from('ab'), Buffer.from('cd')], 2)
  output.write([Buffer.from('xy')], 0)
  t.equal(output.hasName, true)
  const input = new InputFile(nodeFileSystem, path)
  t.equal(input.size, 6)
  t.equal(input.readBytes(1, 4).toString(), 'yabc')
  t.equal(input.readBytes(0, 0).length, 0)
  t.equal(reasonOf(() => input.readBytes(1, 2 ** 40)), 'truncated')
  t.equal(reasonOf(() => { input.readFully(Buffer.alloc(7), 0) }), 'truncated')
  fs.unlinkSync(path)
  t.equal(output.hasName, false)
  for (const file of [input, output]) file.close()
})

t.test('reads that return less than wanted are continued', async t => {
  const path = join(t.testdir({ file: 'abcdefg' }), 'file')
  const readSync = (fd: number, view: NodeJS.ArrayBufferView, offset: number, length: number, position: number) =>
    fs.readSync(fd, view, offset, Math.min(length, 2), position)
  const input = new InputFile({ ...nodeFileSystem, readSync: readSync as typeof fs.readSync }, path)
  t.equal(input.readBytes(1, 5).toString(), 'bcdef')
  input.close()
})

t.test('what is not a file is not read, and does not block', async t => {
  const directory = t.testdir({ link: t.fixture('symlink', 'target'), target: '' })
  t.equal(reasonOf(() => new InputFile(nodeFileSystem, directory)), 'foreign')
  t.throws(() => new InputFile(nodeFileSystem, join(directory, 'link')), { code: 'ELOOP' })
  execFileSync('mkfifo', [join(directory, 'pipe')])
  t.equal(reasonOf(() => new InputFile(nodeFileSystem, join(directory, 'pipe'))), 'foreign')
})

t.test('all files are opened, or none', async t => {
  const directory = t.testdir()
  let closed = 0
  const opener = () => ({ close () { closed++ } })
  t.equal(openAll([opener, opener]).length, 2)
  const failing = () => new InputFile(nodeFileSystem, join(directory, 'none'))
  t.throws(() => openAll([opener, opener, failing]), { code: 'ENOENT' })
  t.equal(closed, 2)
})

t.test('an error of the operating system is a problem with a file, a bug is not', async t => {
  writeFileSync(join(t.testdir(), 'x'), '')
  const problem = new FileProblem('busy', 'x')
  t.equal(fileProblemOf(problem), problem)
  t.equal(fileProblemOf(Object.assign(new Error('x'), { code: 'EIO' })).reason, 'unreadable')
  t.equal(fileProblemOf(Object.assign(new Error('x'), { code: 'ENOENT' })).reason, 'missing')
  for (const bug of [new TypeError('bug'), Object.assign(new Error('bug'), { code: 7 })]) {
    t.throws(() => fileProblemOf(bug), { message: 'bug' })
  }
})

import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import { replaceFile } from '../../lib/processes/replace-file.js'

t.test('creates a file for its user alone, and replaces it', async t => {
  const directory = t.testdir()
  const file = { path: join(directory, 'file'), temporaryPath: join(directory, 'file.tmp') }
  for (const text of ['first', 'second']) {
    replaceFile(nodeFileSystem, file, [Buffer.from(text), Buffer.from('!')])
    t.equal(fs.readFileSync(file.path, 'utf8'), `${text}!`)
  }
  t.strictSame(fs.readdirSync(directory), ['file'])
  t.equal(fs.statSync(file.path).mode & 0o077, 0)
})

t.test('keeps the old content if writing or renaming fails', async t => {
  const directory = t.testdir({ file: 'old' })
  const file = { path: join(directory, 'file'), temporaryPath: join(directory, 'file.tmp') }
  const fail = (): never => { throw Object.assign(new Error('EIO'), { code: 'EIO' }) }
  for (const failing of [{ writevSync: fail }, { renameSync: fail }]) {
    t.throws(() => { replaceFile({ ...nodeFileSystem, ...failing }, file, [Buffer.from('new')]) }, { code: 'EIO' })
    t.strictSame([fs.readdirSync(directory), fs.readFileSync(file.path, 'utf8')], [['file'], 'old'])
  }
  const short = { ...nodeFileSystem, writevSync: () => 1 }
  t.throws(() => { replaceFile(short, file, [Buffer.from('new')]) }, { code: 'ENOSPC' })
  t.equal(fs.readFileSync(file.path, 'utf8'), 'old')
})

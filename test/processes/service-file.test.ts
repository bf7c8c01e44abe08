import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readPrimary, writeServiceFile } from '../../lib/processes/service-file.js'
import { threadOf } from '../fixtures/processes/fake-system.js'

const record = { primary: threadOf(7), application: 'default/api', metricPrefix: 'dynoai', url: '/metrics' }

t.test('writes to which service a directory belongs', async t => {
  const directory = t.testdir({})
  writeServiceFile(directory, record)
  t.strictSame(readdirSync(directory), ['service'])
  t.strictSame(JSON.parse(readFileSync(join(directory, 'service'), 'utf8')), record)
  t.strictSame(readPrimary(directory), threadOf(7))
  if (process.platform !== 'win32') t.equal(lstatSync(join(directory, 'service')).mode & 0o077, 0)
})

t.test('replaces the file only if it says something else', async t => {
  const directory = t.testdir({})
  writeServiceFile(directory, record)
  const { ino } = lstatSync(join(directory, 'service'))
  writeServiceFile(directory, record)
  t.equal(lstatSync(join(directory, 'service')).ino, ino)
  writeServiceFile(directory, { ...record, primary: threadOf(8) })
  t.strictSame(readPrimary(directory), threadOf(8))
})

t.test('writes long strings in part, so that it can read the file', async t => {
  const directory = t.testdir({})
  const long = '\0'.repeat(100_000)
  writeServiceFile(directory, { primary: threadOf(7), application: long, metricPrefix: long, url: long })
  t.strictSame(readPrimary(directory), threadOf(7))
})

t.test('reads nothing from another file', async t => {
  const large = `{"primary":{"pid":7}}${' '.repeat(16 * 1024)}`
  for (const text of ['', '{', 'null', '[]', '{}', '{"primary":7}', '{"primary":{"pid":0}}', large]) {
    t.equal(readPrimary(t.testdir({ service: text })), undefined, text.slice(0, 30))
  }
  t.equal(readPrimary(t.testdir({})), undefined)
  t.equal(readPrimary(t.testdir({ service: {} })), undefined)
})

t.test('throws what the file system throws, and leaves no temporary file', async t => {
  const directory = t.testdir({ service: { file: '' } })
  t.throws(() => { writeServiceFile(directory, record) }, { code: /^(EISDIR|ENOTEMPTY|EEXIST|EPERM)$/ })
  t.strictSame(readdirSync(directory), ['service'])
  t.throws(() => { writeServiceFile(join(directory, 'none'), record) }, { code: 'ENOENT' })
})

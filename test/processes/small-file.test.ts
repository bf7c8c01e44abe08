import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readSmallFile } from '../../lib/processes/small-file.js'

t.test('reads a regular file up to a size, and nothing else', async t => {
  const root = t.testdir({
    empty: '',
    small: 'text',
    utf8: 'ä€',
    full: 'x'.repeat(100),
    large: 'x'.repeat(101),
    folder: {},
    link: t.fixture('symlink', 'small')
  })
  const cases: ReadonlyArray<readonly [name: string, text: string | undefined]> = [
    ['empty', ''], ['small', 'text'], ['utf8', 'ä€'], ['full', 'x'.repeat(100)], ['large', undefined],
    ['folder', undefined], ['none', undefined], ['small/none', undefined], ['nul\0', undefined]
  ]
  for (const [name, text] of cases) t.equal(readSmallFile(join(root, name), 100), text, name)
  if (process.platform !== 'win32') t.equal(readSmallFile(join(root, 'link'), 100), undefined)
})

t.test('does not wait for a pipe, and does not read a device', {
  skip: process.platform === 'win32' ? 'Windows has no such files' : false
}, async t => {
  const path = join(t.testdir({}), 'pipe')
  execFileSync('mkfifo', [path])
  t.equal(readSmallFile(path, 100), undefined)
  t.equal(readSmallFile('/dev/zero', 100), undefined)
})

t.test('reads a file without a size, and stops at the limit', {
  skip: existsSync('/proc/self/stat') ? false : 'it reads /proc'
}, async t => {
  t.match(readSmallFile('/proc/self/stat', 4096), /^\d+ \(/)
  t.equal(readSmallFile('/proc/self/maps', 4096), undefined)
})

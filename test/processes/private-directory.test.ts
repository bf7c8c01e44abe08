import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isPrivateDirectory, openPrivateDirectory } from '../../lib/processes/private-directory.js'
import { fakeSystem } from '../fixtures/processes/fake-system.js'

const posix = { skip: process.platform === 'win32' ? 'Windows shows no permissions' : false }

t.test('creates a directory that only this user can use, and opens it again', async t => {
  const path = join(t.testdir({}), 'private')
  openPrivateDirectory(path)
  openPrivateDirectory(path)
  t.ok(isPrivateDirectory(path))
  if (process.platform !== 'win32') t.equal(lstatSync(path).mode & 0o777, 0o700)
})

t.test('rejects what is not a private directory, and says why', posix, async t => {
  const link = t.fixture('symlink', 'target')
  const dangling = t.fixture('symlink', 'none')
  const root = t.testdir({ file: '', target: {}, open: {}, link, dangling })
  chmodSync(join(root, 'target'), 0o700)
  chmodSync(join(root, 'open'), 0o710)
  const cases: ReadonlyArray<readonly [name: string, problem: string]> = [
    ['link', 'not be a symbolic link. Received: a symbolic link'],
    ['dangling', 'not be a symbolic link. Received: a symbolic link'],
    ['file', 'be a directory. Received: another kind of file'],
    ['open', 'give no permissions to the group and to others, as chmod 700. Received: the mode 710'],
    ['none/private', 'be one that this process can create. Received: the string "ENOENT: '],
    ['file/private', 'be one that this process can create. Received: the string "ENOTDIR: '],
    ['nul\0', 'be one that this process can create. Received: the string "The argument']
  ]
  for (const [name, problem] of cases) {
    const path = join(root, name)
    t.throws(() => { openPrivateDirectory(path) }, {
      code: 'DYNOAI_METRICS_ERR_DIRECTORY', message: `The directory '${path}' of the processes must ${problem}`
    }, name)
    t.notOk(isPrivateDirectory(path), name)
  }
  t.strictSame(readdirSync(join(root, 'target')), [], 'it creates nothing behind a link')
})

t.test('rejects a directory for each permission of the group and of others', posix, async t => {
  const path = join(t.testdir({ private: {} }), 'private')
  for (const bit of [0o1, 0o2, 0o4, 0o10, 0o20, 0o40]) {
    chmodSync(path, 0o700 | bit)
    t.throws(() => { openPrivateDirectory(path) }, { code: 'DYNOAI_METRICS_ERR_DIRECTORY' })
  }
  chmodSync(path, 0o700)
  openPrivateDirectory(path)
})

t.test('rejects a directory of another user', posix, async t => {
  const path = join(t.testdir({ private: {} }), 'private')
  chmodSync(path, 0o700)
  const { uid } = lstatSync(path)
  const system = fakeSystem({}, { userId: () => uid + 1 })
  t.throws(() => { openPrivateDirectory(path, system) }, {
    message: `be owned by the user of this process, ${uid + 1}. Received: the owner ${uid}`
  })
  t.notOk(isPrivateDirectory(path, system))
})

t.test('does not check the owner and the permissions on Windows', async t => {
  const root = t.testdir({ open: {}, file: '' })
  const system = fakeSystem({}, { userId: () => undefined })
  chmodSync(join(root, 'open'), 0o777)
  openPrivateDirectory(join(root, 'open'), system)
  t.throws(() => { openPrivateDirectory(join(root, 'file'), system) }, { message: 'be a directory' })
})

t.test('creates a private directory whatever the umask of the process is', posix, async t => {
  const path = join(t.testdir({}), 'private')
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  mkdirSync(`${path}-public`)
  t.throws(() => { openPrivateDirectory(`${path}-public`) }, { message: 'the mode 777' })
  openPrivateDirectory(path)
})

import {
  chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { ThreadIdentity } from '../../lib/processes/owner.js'
import { removeStaleServices } from '../../lib/processes/stale-services.js'
import { fakeLinux, hashOf, ownerOf, threadOf } from '../fixtures/processes/fake-system.js'

const MINUTE = 60_000
/** Processes 1 to 3 run. The machine was booted 100 minutes ago. */
const system = fakeLinux([1, 2, 3], { uptime: () => 100 * MINUTE })

const recordOf = (primary: ThreadIdentity): string =>
  JSON.stringify({ primary, application: null, metricPrefix: 'dynoai', url: '/metrics' })
const ownerText = (identity: ThreadIdentity): string => JSON.stringify(ownerOf(identity))

const OTHER_BOOT = { boot: 'boot-0' }
const OTHER_NAMESPACE = { namespace: 'pid:[2]' }

const RUNNING = threadOf(1)
const ENDED = threadOf(404)
const REUSED = { ...threadOf(2), started: 1 }

interface ServiceFiles {
  readonly files: Readonly<Record<string, string>>
  /** How long ago the files were last written, in milliseconds. */
  readonly age?: number
}

/** Creates a private directory with these files. */
function createService (parent: string, name: string, { files, age = 0 }: ServiceFiles): string {
  const path = join(parent, name)
  mkdirSync(path, { mode: 0o700 })
  const time = (Date.now() - age) / 1000
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(path, file), text)
    utimesSync(join(path, file), time, time)
  }
  utimesSync(path, time, time)
  return path
}

t.test('removes the directories of services that no longer run, and no others', async t => {
  const service = (primary: ThreadIdentity): object => ({ service: recordOf(primary) })
  const owner = (identity: ThreadIdentity): object => ({ '0.owner.1': ownerText(identity) })
  const values = { '0.values.1.1.0': '' }
  const previous = { ...RUNNING, ...OTHER_BOOT }
  const invisible = { ...ENDED, ...OTHER_NAMESPACE }
  const cases: ReadonlyArray<readonly [name: string, isRemoved: boolean, files: object, minutes?: number]> = [
    ['its primary runs', false, service(RUNNING)],
    ['its primary has exited', true, service(ENDED)],
    ['another process has the pid of its primary', true, { ...service(REUSED), ...owner(REUSED), ...values }],
    ['an owner still runs', false, { ...service(ENDED), ...owner(ENDED), '1.owner.3': ownerText(RUNNING) }],
    ['all owners have exited', true, { ...service(ENDED), ...owner(ENDED), '1.base.3': '', other: '' }],
    ['its primary runs, but no owner', false, { ...service(RUNNING), ...owner(ENDED) }, 300],
    ['the machine was booted since', true, { ...service(previous), ...owner(previous), ...values }, 101],
    ['it is of another machine, and is used', false, { ...service(previous), ...owner(previous), ...values }],
    ['the machine was booted since, and a process runs', false, { ...service(previous), ...owner(RUNNING) }],
    ['the owner file is invalid', false, { ...service(ENDED), '0.owner.1': '' }],
    ['it has just been created', false, {}],
    ['it has no service file, and is unused', true, { '0.base.1': '' }, 61],
    ['it has an invalid service file, and is unused', true, { service: '{', ...owner(ENDED) }, 61],
    ['it has an invalid service file, and an owner', false, { service: '{', ...owner(RUNNING) }, 61],
    ['it has an invalid service file, and was used', false, { service: '{', ...owner(ENDED), ...values }, 59],
    ['it is of another container, and was used', false, { ...service(invisible), ...owner(invisible), ...values }, 59],
    ['it is of another container, and is unused', true, { ...service(invisible), ...owner(invisible), ...values }, 61]
  ]
  const parent = t.testdir({})
  for (const [name, , files, minutes = 0] of cases) {
    createService(parent, hashOf(name), { files: { ...files }, age: minutes * MINUTE })
  }
  t.equal(await removeStaleServices(parent, system), cases.filter(([, isRemoved]) => isRemoved).length)
  for (const [name, isRemoved] of cases) t.equal(existsSync(join(parent, hashOf(name))), !isRemoved, name)
  t.equal(readdirSync(parent).length, cases.filter(([, isRemoved]) => !isRemoved).length)
})

t.test('removes a directory that was not used since the boot, without waiting for an hour', async t => {
  const previous = { ...RUNNING, ...OTHER_BOOT }
  const parent = t.testdir({})
  createService(parent, hashOf('a'), {
    files: { service: recordOf(previous), '0.owner.1': ownerText(previous) }, age: 5 * MINUTE
  })
  t.equal(await removeStaleServices(parent, { ...system, uptime: () => 6 * MINUTE }), 0)
  t.equal(await removeStaleServices(parent, { ...system, uptime: () => 4 * MINUTE }), 1)
})

t.test('leaves everything that is not a private directory of a service', async t => {
  const files = { service: recordOf(ENDED) }
  const root = t.testdir({ parent: {}, target: {} })
  const parent = join(root, 'parent')
  createService(parent, 'other', { files })
  createService(parent, `${hashOf('a')}.old`, { files })
  createService(parent, hashOf('a').toUpperCase(), { files })
  writeFileSync(join(parent, hashOf('file')), '')
  if (process.platform !== 'win32') {
    chmodSync(createService(parent, hashOf('public'), { files }), 0o755)
    symlinkSync(createService(join(root, 'target'), hashOf('link'), { files }), join(parent, hashOf('link')))
  }
  const names = readdirSync(parent)
  t.equal(await removeStaleServices(parent, system), 0)
  t.strictSame(readdirSync(parent), names)
  t.equal(await removeStaleServices(parent, { ...system, userId: () => 12345 }), 0)
})

t.test('completes a removal during which a process was killed', async t => {
  const parent = t.testdir({})
  createService(parent, `${hashOf('a')}.removed.0123456789abcdef`, { files: { service: recordOf(ENDED) } })
  createService(parent, `${hashOf('b')}.removed.0123456789abcdef`, {
    files: { '0.owner.1': ownerText(ENDED) }, age: 61 * MINUTE
  })
  createService(parent, `${hashOf('c')}.removed.0123456789abcdef`, {
    files: { service: recordOf(ENDED), '0.owner.1': ownerText(RUNNING) }
  })
  t.equal(await removeStaleServices(parent, system), 2)
  t.match(readdirSync(parent), [/\.removed\./])
})

/** A stale service, and a system in which something happens when it is checked for the second time. */
function duringRemoval (t: Test, action: (parent: string, service: string) => void) {
  const parent = t.testdir({})
  const service = hashOf('a')
  createService(parent, service, { files: { service: recordOf(ENDED) } })
  let reads = 0
  const readFile = (path: string): string => {
    // The first check has read that the primary has exited; the second begins.
    if (path.startsWith('/proc/404/') && !existsSync(join(parent, service)) && reads++ === 0) action(parent, service)
    return system.readFile(path)
  }
  return { parent, service, system: { ...system, readFile } }
}

const removedName = (parent: string): string => readdirSync(parent).find(name => name.includes('.removed.')) ?? ''

t.test('puts a directory back if a process has joined its service meanwhile', async t => {
  const { parent, service, system } = duringRemoval(t, parent => {
    writeFileSync(join(parent, removedName(parent), '0.owner.1'), ownerText(RUNNING))
  })
  t.equal(await removeStaleServices(parent, system), 0)
  t.strictSame(readdirSync(parent), [service])
  t.strictSame(readdirSync(join(parent, service)).sort(), ['0.owner.1', 'service'])
})

t.test('does not replace a directory that a process has created meanwhile', async t => {
  const { parent, service, system } = duringRemoval(t, (parent, service) => {
    writeFileSync(join(parent, removedName(parent), '0.owner.1'), ownerText(RUNNING))
    createService(parent, service, { files: { service: recordOf(RUNNING) } })
  })
  t.equal(await removeStaleServices(parent, system), 0)
  t.strictSame(readdirSync(join(parent, service)), ['service'])
})

t.test('continues when another process removes a directory at the same time', async t => {
  const { parent, system } = duringRemoval(t, parent => {
    rmSync(join(parent, removedName(parent)), { recursive: true })
  })
  createService(parent, hashOf('b'), { files: { service: recordOf(ENDED) } })
  t.equal(await removeStaleServices(parent, system), 1)
  t.strictSame(readdirSync(parent), [])
})

t.test('rejects without the directory', async t => {
  await t.rejects(removeStaleServices(join(t.testdir({}), 'none')), { code: 'ENOENT' })
})

t.test('removes with this system', async t => {
  const parent = t.testdir({})
  createService(parent, hashOf('a'), { files: {}, age: 61 * MINUTE })
  const self = { pid: process.pid, thread: null, started: null, boot: null, namespace: null }
  createService(parent, hashOf('b'), { files: { service: recordOf(self) } })
  t.equal(await removeStaleServices(parent), 1)
  t.strictSame(readdirSync(parent), [hashOf('b')])
})

import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import t from 'tap'
import { findService, openService } from '../../lib/processes/service.js'
import type { Service, ServiceInputs } from '../../lib/processes/service.js'
import type { System } from '../../lib/processes/system.js'
import { localSystem } from '../../lib/processes/system.js'
import { fakeLinux, fakeSystem, threadOf } from '../fixtures/processes/fake-system.js'

const PM2 = { namespace: 'default', name: 'api', pm_exec_path: '/srv/api/main.js', pm_id: '0', NODE_APP_INSTANCE: '0' }

/** A worker whose primary is process 7, of user 1000. */
function workerSystem (parts: Partial<System> = {}): System {
  return fakeLinux([7, 8], {
    isClusterWorker: () => true, parentPid: () => 7, userId: () => 1000, temporaryDirectory: () => '/tmp', ...parts
  })
}

const inputs: ServiceInputs = {
  option: 'auto', metricPrefix: 'dynoai', url: '/metrics', env: {}, system: workerSystem()
}

/** The default service for these inputs; it fails without one. */
function serviceOf (changes: Partial<ServiceInputs> = {}): Service {
  const service = findService({ ...inputs, ...changes })
  if (service === null) throw new Error('There is no service')
  return service
}

t.test('a worker of a cluster belongs to the service of its primary', async t => {
  for (const option of ['auto', true, {}, { directory: undefined }] as const) {
    const { directory, ...rest } = serviceOf({ option })
    t.equal(dirname(directory), resolve('/tmp/dynoai-metrics-1000'))
    t.match(basename(directory), /^[0-9a-f]{32}$/)
    t.strictSame(rest, {
      isDefault: true,
      record: { primary: threadOf(7), application: null, metricPrefix: 'dynoai', url: '/metrics' }
    })
  }
})

t.test('any other process responds for itself, unless a directory is given', async t => {
  const system = workerSystem({ isClusterWorker: () => false })
  t.equal(findService({ ...inputs, option: 'auto', system }), null)
  t.equal(findService({ ...inputs, option: false, system }), null)
  t.equal(findService({ ...inputs, option: false }), null, 'also a worker, with `false`')
  t.throws(() => findService({ ...inputs, option: true, system }), {
    code: 'DYNOAI_METRICS_ERR_OPTION',
    message: "The option 'processes' must be an object with a 'directory', outside of a worker of node:cluster. " +
      'Received: true'
  })
  for (const directory of ['/run/api', 'metrics']) {
    const service = { directory: resolve(directory), isDefault: false, record: null }
    t.strictSame(findService({ ...inputs, option: { directory }, system }), service)
    t.strictSame(findService({ ...inputs, option: { directory } }), service, 'also in a worker')
  }
})

t.test('the default directory depends on all that makes a service', async t => {
  const system = (parts: Partial<System>): Partial<ServiceInputs> => ({ system: workerSystem(parts) })
  const same: Array<Partial<ServiceInputs>> = [
    {}, { env: { PATH: '/bin', name: 'api' } }, { env: { pm_exec_path: '/x' } }, system({ pid: 99 })
  ]
  const { directory } = serviceOf()
  for (const changes of same) t.equal(serviceOf(changes).directory, directory)
  const other = fakeLinux([7])
  const different: Array<Partial<ServiceInputs>> = [
    system({ parentPid: () => 8 }),
    system({ readFile: path => other.readFile(path).replace('7 4096', '6 4096') }),
    system({ readFile: path => other.readFile(path).replace('boot-1', 'boot-2') }),
    system({ readLink: path => other.readLink(path).replace('pid:[1]', 'pid:[2]') }),
    system({ userId: () => 1001 }),
    system({ temporaryDirectory: () => '/var/tmp' }),
    { metricPrefix: '' },
    { url: '/v1/metrics' },
    { env: PM2 },
    { env: { ...PM2, name: 'other' } },
    { env: { ...PM2, namespace: 'other' } },
    { env: { ...PM2, namespace: undefined } },
    { env: { ...PM2, pm_exec_path: '/srv/other.js' } },
    // No two services have the same text before they are hashed.
    { env: { ...PM2, namespace: 'a', name: 'b,c' } },
    { env: { ...PM2, namespace: 'a,b', name: 'c' } }
  ]
  const directories = new Set([directory, ...different.map(changes => serviceOf(changes).directory)])
  t.equal(directories.size, different.length + 1)
})

t.test('an application of PM2 keeps its directory when PM2 restarts', async t => {
  const service = serviceOf({ env: PM2 })
  t.match(service.record, { primary: { pid: 7 }, application: 'default/api' })
  const env = { ...PM2, pm_id: '4', NODE_APP_INSTANCE: '4' }
  const restarted = serviceOf({ env, system: workerSystem({ parentPid: () => 8 }) })
  t.equal(restarted.directory, service.directory)
  t.match(restarted.record, { primary: { pid: 8 } })
})

t.test('knows only the pid of the primary without /proc, as on macOS, and no user on Windows', async t => {
  const system = fakeSystem({ pids: [7] }, workerParts())
  t.match(serviceOf({ system }), { record: { primary: { pid: 7, started: null, boot: null } } })
  t.equal(serviceOf({ system }).directory, serviceOf({ system: fakeSystem({}, workerParts()) }).directory)
  const windows = fakeSystem({}, { ...workerParts(), userId: () => undefined })
  t.equal(dirname(serviceOf({ system: windows }).directory), resolve('/tmp/dynoai-metrics'))

  function workerParts (): Partial<System> {
    const { isClusterWorker, parentPid, userId, temporaryDirectory } = workerSystem()
    return { isClusterWorker, parentPid, userId, temporaryDirectory }
  }
})

t.test('a process that is not a worker is not part of a service by default', async t => {
  t.equal(findService({ option: 'auto', metricPrefix: 'dynoai', url: '/metrics', env: {} }), null)
  t.equal(localSystem.isClusterWorker(), false)
})

t.test('opens the directory of a service', async t => {
  const temporary = t.testdir({})
  const system = { ...localSystem, isClusterWorker: () => true, temporaryDirectory: () => temporary }
  const service = serviceOf({ system })
  openService(service, system)
  openService(service)
  t.strictSame(readdirSync(service.directory), ['service'])
  if (process.platform === 'win32') return
  for (const path of [service.directory, dirname(service.directory)]) t.equal(lstatSync(path).mode & 0o777, 0o700)
  chmodSync(dirname(service.directory), 0o755)
  t.throws(() => { openService(service) }, { code: 'DYNOAI_METRICS_ERR_DIRECTORY' }, 'it also checks the one above')
})

t.test('opens a given directory, and creates only this one', async t => {
  const root = t.testdir({})
  const service = serviceOf({ option: { directory: join(root, 'metrics') } })
  openService(service)
  t.strictSame(readdirSync(service.directory), [], 'without a service file')
  t.throws(() => { openService(serviceOf({ option: { directory: join(root, 'none', 'metrics') } })) }, {
    code: 'DYNOAI_METRICS_ERR_DIRECTORY'
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import type { Test } from 'tap'
import { describeProcess, describeThread, isAlive, isVisible } from '../../lib/processes/owner.js'
import type { ThreadIdentity } from '../../lib/processes/owner.js'
import { fakeLinux, fakeSystem, ownerOf, stat, systemError, threadOf } from '../fixtures/processes/fake-system.js'

const onLinux = { skip: process.platform === 'linux' ? false : 'it reads /proc' }

/** Starts a process whose parent does not wait for it, so it becomes a zombie when it exits. The test ends both. */
async function startUnawaitedProcess (t: Test): Promise<number> {
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { shell.kill('SIGKILL') })
  const [pid] = await once(shell.stdout, 'data')
  // Until `exec` has replaced the shell, the shell may wait for the process.
  const nameOfParent = (): string => readFileSync(`/proc/${shell.pid}/comm`, 'utf8').trim()
  for (let i = 0; i < 500 && nameOfParent() !== 'sleep'; i++) await delay(10)
  return Number(pid)
}

async function waitUntilEnded (identity: ThreadIdentity): Promise<void> {
  for (let i = 0; i < 500 && isAlive(identity); i++) await delay(10)
}

t.test('describes the calling thread, which is alive', onLinux, async t => {
  const thread = describeThread()
  const { pid } = process
  t.match(thread, { pid, thread: pid, started: Number, boot: /^[0-9a-f-]{36}$/, namespace: /^pid:/ })
  t.strictSame(describeThread(), thread)
  t.strictSame(describeProcess(process.pid), thread)
  t.ok(isAlive(thread))
})

t.test('detects a process that has reused the pid', onLinux, async t => {
  const thread = describeThread()
  t.notOk(isAlive({ ...thread, started: Number(thread.started) + 1 }))
})

t.test('detects a process that has exited, and a zombie', onLinux, async t => {
  const pid = await startUnawaitedProcess(t)
  const child = describeProcess(pid)
  t.ok(isAlive(child))
  process.kill(pid, 'SIGKILL')
  await waitUntilEnded(child)
  t.notOk(isAlive(child))
  t.match(describeProcess(pid), { thread: pid, started: child.started }, 'the zombie has files below /proc')

  const other = spawn(process.execPath, ['--eval', ''], { stdio: 'ignore' })
  const exited = describeProcess(other.pid!)
  await once(other, 'exit')
  t.notOk(isAlive(exited))
})

t.test('distinguishes the worker threads of a process, and detects one that has ended', onLinux, async t => {
  const url = new URL('../../lib/processes/owner.js', import.meta.url).href
  const code = `import('${url}').then(({ describeThread }) => {
    require('node:worker_threads').parentPort.on('message', () => process.exit()).postMessage(describeThread())
  })`
  const workers = [new Worker(code, { eval: true }), new Worker(code, { eval: true })] as const
  t.teardown(async () => { await Promise.all(workers.map(async worker => await worker.terminate())) })
  const [[first], [second]] = await Promise.all(workers.map(async worker => await once(worker, 'message'))) as
    [[ThreadIdentity], [ThreadIdentity]]
  t.equal(first.pid, process.pid)
  t.equal(second.pid, process.pid)
  t.equal(new Set([first.thread, second.thread, process.pid]).size, 3)
  t.ok(isAlive(first))
  const exited = once(workers[0], 'exit')
  workers[0].postMessage('end')
  await exited
  await waitUntilEnded(first)
  t.notOk(isAlive(first))
  t.ok(isAlive(second))
})

t.test('reads the state and the start time behind any name of a thread', async t => {
  for (const name of ['node', '(node)', 'a) S 1 2 (b', 'x) Z 0', ')', '', 'two\nlines)\n']) {
    const files = { '/proc/7/task/7/stat': stat(7, 5000, 'R', name) }
    const identity: ThreadIdentity = { pid: 7, thread: 7, started: 5000, boot: null, namespace: null }
    t.strictSame(describeProcess(7, fakeSystem({ files })), identity, JSON.stringify(name))
    t.ok(isAlive(identity, fakeSystem({ files })), JSON.stringify(name))
  }
})

t.test('counts a thread as ended only if that is certain', async t => {
  const task = '/proc/7/task/8/stat'
  const file = '/proc/7/stat'
  const process7 = { [file]: stat(7, 100) }
  const cases: ReadonlyArray<readonly [
    name: string, processes: Parameters<typeof fakeSystem>[0], isAlive: boolean, identity?: Partial<ThreadIdentity>
  ]> = [
    ['it runs', { files: { [task]: stat(8, 200) } }, true],
    ['it has another start time', { files: { [task]: stat(8, 201) } }, false],
    ['it is a zombie', { files: { [task]: stat(8, 200, 'Z') } }, false],
    ['it is being removed', { files: { [task]: stat(8, 200, 'X') } }, false],
    ['it is stopped', { files: { [task]: stat(8, 200, 'T') } }, true],
    ['only its process runs', { files: process7, pids: [7] }, false],
    ['it ends while its file is read', { files: { ...process7, [task]: { code: 'ESRCH' } }, pids: [7] }, false],
    ['its process has exited', {}, false],
    ['/proc hides the process', { pids: [7] }, true],
    ['/proc denies access', { files: { [task]: { code: 'EACCES' }, [file]: { code: 'EACCES' } }, pids: [7] }, true],
    ['/proc denies access to a process that has exited', { files: { [task]: { code: 'EACCES' } } }, false],
    ['no file can be opened', { files: { [task]: { code: 'EMFILE' }, ...process7 }, pids: [7] }, true],
    ['the file is empty', { files: { [task]: '' }, pids: [7] }, true],
    ['the file is cut', { files: { [task]: '8 (node) S 1 2 3' }, pids: [7] }, true],
    ['only the pid is known, and used', { pids: [7] }, true, { thread: null, started: null }],
    ['only the pid is known, and unused', {}, false, { thread: null, started: null }]
  ]
  for (const [name, processes, expected, identity] of cases) {
    const thread = { pid: 7, thread: 8, started: 200, boot: null, namespace: null, ...identity }
    t.equal(isAlive(thread, fakeSystem(processes)), expected, name)
  }
})

t.test('knows only the pid where there is no /proc, as on macOS and Windows', async t => {
  const system = fakeSystem({ pids: [41, 42] }, { pid: 41 })
  const thread = { pid: 41, thread: null, started: null, boot: null, namespace: null }
  t.strictSame(describeThread(system), thread)
  t.strictSame(describeProcess(42, system), { ...thread, pid: 42 })
  t.ok(isAlive(thread, system))
  t.ok(isAlive({ ...thread, pid: 42 }, system))
  t.notOk(isAlive({ ...thread, pid: 43 }, system))
  const denied = fakeSystem({}, { checkPid () { throw systemError('EPERM') } })
  t.ok(isAlive(thread, denied), 'a process of another user')
})

t.test('cannot check a thread of another boot or pid namespace', async t => {
  const system = fakeLinux([7])
  t.ok(isVisible(threadOf(8), system))
  t.ok(isVisible({ ...threadOf(8), boot: null }, system), 'a boot that is not known may be this one')
  t.notOk(isAlive(threadOf(8), system))
  for (const field of [{ namespace: 'pid:[2]' }, { boot: 'boot-2' }]) {
    const other = { ...threadOf(8), ...field }
    t.notOk(isVisible(other, system))
    t.ok(isAlive(other, system))
  }
})

t.test('an owner that has released its slot counts as ended', async t => {
  const system = fakeLinux([7])
  t.ok(isAlive(ownerOf(threadOf(7)), system))
  t.notOk(isAlive(ownerOf(threadOf(7), { isReleased: true }), system))
})

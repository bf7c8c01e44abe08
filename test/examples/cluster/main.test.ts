import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { sum } from '../../../examples/dynoai-api/demo/exposition.js'
import { occupyPort, startProcess } from '../dynoai-api/start-process.js'
import type { ExampleProcess } from '../dynoai-api/start-process.js'
import { ServiceClient } from '../service/client.js'

interface Cluster {
  readonly main: ExampleProcess
  readonly client: ServiceClient
  /** The pids of the processes that have listened, from the first. */
  pids (): number[]
}

/** Starts the cluster, and waits until all its processes listen. */
async function startCluster (t: Test, env: Record<string, string> = {}): Promise<Cluster> {
  const main = startMain(t, { WORKERS: '2', ...env })
  const [, origin = ''] = await main.printed(/^Process \d+ listens at (\S+)\nProcess \d+ listens at \1\n$/)
  return { main, client: new ServiceClient(origin), pids: () => pidsOf(main) }
}

function startMain (t: Test, env: Record<string, string>): ExampleProcess {
  const TMPDIR = t.testdir({ 'hook.mjs': '' })
  const started: ExampleProcess[] = []
  // Runs after the teardown of `startProcess`, which kills the primary, and before that of the directory. The output is
  // closed when the workers have exited, too.
  t.teardown(async () => { await started[0]?.closed() })
  const main = startProcess(t, '../cluster/main.js', { TMPDIR, ...env })
  started.push(main)
  return main
}

/** The pids of the processes that have listened, from the first. */
function pidsOf (main: ExampleProcess): number[] {
  return [...main.output().matchAll(/^Process (\d+) listens/gm)].map(([, pid]) => Number(pid))
}

function continueProcess (pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It has exited.
  }
}

t.test('each process answers for all, also for those that were replaced or killed', async t => {
  const { main, client, pids } = await startCluster(t)
  let sent = await client.sendToAll(pids())
  await client.untilCounted(sent)

  main.kill('SIGHUP')
  await main.printed(/^All processes are new$/m)
  const [killed = 0, other = 0] = pids().slice(2)
  sent += await client.sendToAll([killed, other])
  await client.untilCounted(sent)

  process.kill(killed, 'SIGKILL')
  await main.printed(new RegExp(`^Process ${killed} exited, and is replaced$(?:.|\n)*^Process \\d+ listens`, 'm'))
  sent += await client.sendToAll([other, ...pids().slice(4)])
  await client.untilCounted(sent)

  const samples = await client.scrape()
  t.equal(sum(samples, 'dynoai_analysis_total', { status: 'success' }), sent)
  t.equal(sum(samples, 'dynoai_ve_corrections_magnitude_percent_count'), sent)
  const started = samples.filter(({ name }) => name === 'process_start_time_seconds')
  const workers = started.map(({ labels }) => Number(labels['worker']))
  t.equal(new Set(workers).size, 2)
  t.ok(workers.every(worker => worker <= 2), 'five processes have used three slots')
  t.equal(sum(samples, 'dynoai_metrics_workers', { state: 'live' }), 2)

  main.kill('SIGTERM')
  t.strictSame(await main.closed(), [0, null])
})

t.test('kills a process that does not stop, and starts no other', async t => {
  const { main, pids } = await startCluster(t, { KILL_TIMEOUT: '200', RESTART_DELAY: '3000' })
  const [stuck = 0, crashed = 0] = pids()
  process.kill(stuck, 'SIGSTOP')
  t.teardown(() => continueProcess(stuck)) // if the test has failed
  process.kill(crashed, 'SIGKILL')
  await main.printed(new RegExp(`^Process ${crashed} exited, and is replaced$`, 'm'))
  main.kill('SIGINT')
  t.strictSame(await main.closed(), [0, null])
  t.equal(pids().length, 2)
})

// A restart begins with the process that was started first.
const CRASHES = { 'while its successor starts': Math.min, 'before its turn': Math.max }
for (const [when, select] of Object.entries(CRASHES)) {
  t.test(`replaces a process once that crashes during a restart, ${when}`, async t => {
    const { main, client, pids } = await startCluster(t)
    main.kill('SIGHUP')
    process.kill(select(...pids()), 'SIGKILL')
    await main.printed(/^All processes are new$/m)
    await main.printed(/(?:^Process \d+ listens(?:.|\n)*){4}/m)
    await client.sendToAll(pids().slice(2))
    main.kill('SIGTERM')
    t.strictSame(await main.closed(), [0, null])
  })
}

t.test('fails if its processes cannot listen', async t => {
  const main = startMain(t, { PORT: String(await occupyPort(t)) })
  t.strictSame(await main.closed(), [1, null])
  t.match(main.errors(), /^Process \d+ exited before it listened$/m)
})

t.test('keeps its processes while new ones cannot start, and tries again', async t => {
  const hook = join(t.testdirName, 'hook.mjs')
  const NODE_OPTIONS = `${process.env['NODE_OPTIONS'] ?? ''} --import=${pathToFileURL(hook)}`
  const { main, client, pids } = await startCluster(t, { NODE_OPTIONS })
  rmSync(hook)
  main.kill('SIGHUP')
  await main.printed(/^Process \d+ exited before it listened$/m)
  await client.sendToAll(pids())
  const [killed = 0, other = 0] = pids()
  process.kill(killed, 'SIGKILL')
  await main.printed(/is replaced$(?:.|\n)*Cannot find module/m)
  writeFileSync(hook, '')
  await main.printed(/is replaced$(?:.|\n)*^Process \d+ listens/m)
  await client.sendToAll([other, ...pids().slice(2)])
  main.kill('SIGTERM')
  t.strictSame(await main.closed(), [0, null])
})

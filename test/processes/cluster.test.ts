import { readdirSync } from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import { isAlive } from '../../lib/processes/owner.js'
import type { AppOptions, Command } from '../fixtures/processes/commands.js'
import { createFolder } from '../fixtures/processes/folder.js'
import { parse, startCluster, waitUntil } from '../fixtures/processes/service-processes.js'
import type { AppProcess, Cluster, Values } from '../fixtures/processes/service-processes.js'

const HELLO = 'dynoai_request_duration_seconds_count{method="GET",path="/hello",status="200"}'
const TOTAL = 'dynoai_requests_total{method="GET",status="200"}'
const workers = (state: 'live' | 'stale' | 'gone'): string => `dynoai_metrics_workers{state="${state}"}`

const METRICS = {
  jobsTotal: { type: 'counter', help: 'Jobs', labels: { user: [] } },
  queueLength: { type: 'gauge', help: 'Queue' },
  largest: { type: 'gauge', help: 'Largest', aggregator: 'max' },
  secret: { type: 'gauge', help: 'Secret', aggregator: 'omit' }
} as const

/** An application that writes its metrics after so many milliseconds, and without `interval` almost never. */
function appOptions (interval = 600_000): AppOptions {
  return { plugin: { appInfo: { version: '1.2.3' }, metrics: METRICS, processes: { interval } } }
}

/** Starts a cluster with so many workers, whose default directory is in the returned folder. */
async function start (t: Test, count: number, options: AppOptions): Promise<{ cluster: Cluster, folder: string }> {
  const folder = createFolder(t)
  const cluster = await startCluster(t, { TMPDIR: folder })
  for (let i = 0; i < count; i++) await cluster.fork(options)
  return { cluster, folder }
}

/** The first three workers of a cluster. */
const first3 = ({ workers }: Cluster): [AppProcess, AppProcess, AppProcess] =>
  workers.slice(0, 3) as [AppProcess, AppProcess, AppProcess]

/** The paths of the files of slots in all directories. */
function slotFiles (folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => /\d+\.\w+\.\d+/.test(path))
}

/** The samples of counters and histograms that have decreased. */
function decreased (before: Values, after: Values): string[] {
  return Object.keys(before).filter(name => /_(total|count|sum|bucket)\b/.test(name) && !(after[name]! >= before[name]!))
}

t.test('any worker of a cluster answers a scrape for all', async t => {
  const { cluster } = await start(t, 3, { ...appOptions(200), listens: true })
  const [first, second] = first3(cluster)
  await first.request(2)
  await second.request(3)
  for (const [i, worker] of cluster.workers.entries()) {
    await worker.call('jobsTotal', 'inc', { user: 'all' }, i + 1)
    await worker.call('jobsTotal', 'inc', { user: `only-${i}` })
    for (const gauge of ['queueLength', 'largest', 'secret']) await worker.call(gauge, 'set', 10 * (i + 1))
  }
  for (const worker of cluster.workers) {
    const values = await worker.scrapeUntil(values =>
      values['dynoai_queue_length'] === 60 && values[HELLO] === 5 && values[workers('live')] === 3)
    t.match(values, {
      [HELLO]: 5,
      [TOTAL]: 5,
      'dynoai_jobs_total{user="all"}': 6,
      'dynoai_jobs_total{user="only-0"}': 1,
      'dynoai_jobs_total{user="only-1"}': 1,
      'dynoai_jobs_total{user="only-2"}': 1,
      dynoai_largest: 30,
      dynoai_requests_in_flight: 0,
      'dynoai_app_info{version="1.2.3"}': 1,
      [workers('stale')]: 0,
      [workers('gone')]: 0
    })
    t.notOk(Object.keys(values).some(name => name.startsWith('dynoai_secret')))
    const errors = Object.keys(values).filter(name => name.startsWith('dynoai_metrics_errors') && values[name] !== 0)
    t.strictSame(errors, [])
  }
  t.strictSame(cluster.workers.map(({ port }) => port === first.port && port > 0), [true, true, true], 'one port')
  for (let i = 0; i < 6; i++) {
    const response = await fetch(`http://127.0.0.1:${first.port}/metrics`, { headers: { connection: 'close' } })
    t.match(parse(await response.text()), { [HELLO]: 5, 'dynoai_jobs_total{user="all"}': 6 })
  }
})

t.test('two workers that are scraped in turn never show a decrease while others are killed and restarted', async t => {
  const { cluster } = await start(t, 2, appOptions(200))
  const [first, second] = first3(cluster)
  let sent = 0
  const stop = new AbortController()
  let values: Values = {}
  let scrapes = 0

  async function scrapeInTurn (): Promise<void> {
    while (!stop.signal.aborted) {
      const next = await (scrapes++ % 2 === 0 ? first : second).scrape()
      t.strictSame(decreased(values, next), [], `scrape ${scrapes}`)
      values = next
    }
  }

  async function sendRequests (worker: AppProcess): Promise<void> {
    while (!stop.signal.aborted) {
      await worker.request(1)
      sent++
    }
  }

  const running = [scrapeInTurn(), sendRequests(first), sendRequests(second)]
  for (let restart = 0; restart < 4; restart++) {
    const third = await cluster.fork(appOptions(200))
    await third.call('jobsTotal', 'inc', { user: 'third' }, 10)
    await third.scrapeUntil(values => values['dynoai_jobs_total{user="third"}'] === 10 * (restart + 1))
    t.equal((await third.kill()).signal, 'SIGKILL')
  }
  stop.abort()
  await Promise.all(running)
  t.ok(scrapes > 10, `${scrapes} scrapes`)
  values = await second.scrapeUntil(values => values[HELLO] === sent)
  t.match(values, { [TOTAL]: sent, 'dynoai_jobs_total{user="third"}': 40, [workers('gone')]: 1 })
})

t.test('a worker that is stopped, blocked or killed does not delay a scrape, and its counts stay', async t => {
  const { cluster } = await start(t, 3, appOptions(200))
  const [first, second, third] = first3(cluster)
  for (const [i, worker] of cluster.workers.entries()) {
    await worker.call('jobsTotal', 'inc', { user: `${i}` })
    await worker.call('queueLength', 'set', 1)
  }
  const expected = Object.fromEntries([0, 1, 2].map(user => [`dynoai_jobs_total{user="${user}"}`, 1]))
  await first.scrapeUntil(values => values['dynoai_queue_length'] === 3)
  process.kill(second.pid, 'SIGSTOP')
  third.start({ block: 3_600_000 })
  t.match(await first.scrapeUntil(values => values[workers('stale')] === 2), {
    ...expected, dynoai_queue_length: 3, [workers('live')]: 1, [workers('gone')]: 0
  })
  await second.kill()
  await third.kill()
  t.match(await first.scrape(), { ...expected, dynoai_queue_length: 1, [workers('live')]: 1, [workers('gone')]: 2 })
})

const ENDS: ReadonlyArray<readonly [name: string, command: Command]> = [
  ['is closed', { close: true }],
  ['exits', { exit: 0 }],
  ['has an uncaught exception', { throw: 'a bug' }],
  ['is disconnected', { disconnect: true }]
]

for (const [name, command] of ENDS) {
  t.test(`a worker that ${name} loses nothing, however long the interval is`, async t => {
    const { cluster } = await start(t, 2, appOptions())
    const [first, second] = first3(cluster)
    await second.request(3)
    await second.call('queueLength', 'set', 7)
    second.start(command)
    const values = await first.scrapeUntil(values => values[workers('gone')] === 1)
    t.match(values, { [HELLO]: 3, dynoai_queue_length: 0, [workers('live')]: 1 })
  })
}

t.test('a rolling restart goes on with all counts, in as many slots as there were workers at a time', async t => {
  const { cluster, folder } = await start(t, 2, appOptions())
  for (let restart = 1; restart <= 3; restart++) {
    const [old] = cluster.workers.slice(-2)
    await old!.request(1)
    const next = await cluster.fork(appOptions())
    await next.request(1)
    await old!.run({ close: true })
    t.match(await next.scrape(), { [HELLO]: 2 * restart, [workers('live')]: 2, [workers('gone')]: 1 })
  }
  const slots = new Set(slotFiles(folder).map(path => path.split(/[/\\]/).at(-1)?.split('.')[0]))
  t.strictSame([...slots].sort(), ['0', '1', '2'])
})

t.test('another primary begins anew, and removes what was left behind', async t => {
  const { cluster, folder } = await start(t, 1, appOptions(200))
  const [worker] = first3(cluster)
  await worker.request(2)
  process.kill(cluster.pid, 'SIGKILL')
  await waitUntil(() => !isAlive(worker.identity!)) // it has started
  const services = (): string[] => readdirSync(`${folder}/${readdirSync(folder)[0]}`)
  t.equal(services().length, 1)
  const next = await startCluster(t, { TMPDIR: folder })
  const other = await next.fork(appOptions(200))
  const values = await other.scrape()
  t.equal(values[HELLO], undefined)
  t.match(values, { [workers('live')]: 1, [workers('gone')]: 0 })
  await waitUntil(() => services().length === 1)
  t.match(await other.scrape(), { [workers('live')]: 1 })
})

t.test('runtime metrics have the label worker, which the next process inherits', async t => {
  const options = { plugin: { ...appOptions(200).plugin, runtimeMetrics: true } }
  const { cluster } = await start(t, 2, options)
  const [first, second] = first3(cluster)
  const startTime = (worker: number): string => `process_start_time_seconds{worker="${worker}"}`
  const names = [startTime, (worker: number) => `nodejs_eventloop_active_seconds_total{worker="${worker}"}`]
  const before = await first.scrapeUntil(values => values[startTime(1)] !== undefined)
  for (const name of names) t.ok(before[name(0)]! > 0 && before[name(1)]! > 0, name(0))
  t.notOk(Object.keys(before).some(name => name.startsWith('dynoai_') && name.includes('worker=')))
  await second.kill()
  t.equal((await first.scrape())[startTime(1)], undefined)
  await cluster.fork(options)
  await first.scrapeUntil(values => values[startTime(1)] !== undefined)
})

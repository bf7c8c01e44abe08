import { readdirSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import type { AppOptions } from '../fixtures/processes/commands.js'
import { createFolder, sharedDirectory } from '../fixtures/processes/folder.js'
import {
  parse, startChild, startCluster, startThread, text, waitUntil
} from '../fixtures/processes/service-processes.js'
import type { AppProcess, Values } from '../fixtures/processes/service-processes.js'

const jobs = (user: string): string => `dynoai_jobs_total{user="${user}"}`
const workers = (state: 'live' | 'stale' | 'gone'): string => `dynoai_metrics_workers{state="${state}"}`

const METRICS = { jobsTotal: { type: 'counter', help: 'Jobs', labels: { user: [] } } } as const

function appOptions (directory: string, { plugin, ...rest }: AppOptions = {}): AppOptions {
  return { ...rest, plugin: { metrics: METRICS, processes: { directory, interval: 200 }, ...plugin } }
}

const STARTS = [
  ['worker threads', startThread],
  ['forked processes', startChild],
  ['workers of different clusters', async (t: Test, options: AppOptions) => {
    const cluster = await startCluster(t)
    return await cluster.fork(options)
  }]
] as const

for (const [name, start] of STARTS) {
  t.test(`${name} with one directory answer together, also for those that have ended`, async t => {
    const options = appOptions(sharedDirectory(t))
    const processes: AppProcess[] = [await start(t, options), await start(t, options)]
    for (const [i, process] of processes.entries()) await process.call('jobsTotal', 'inc', { user: 'a' }, i + 1)
    for (const process of processes) {
      await process.scrapeUntil(values => values[jobs('a')] === 3 && values[workers('live')] === 2)
    }
    await processes[1]!.run({ close: true })
    const next = await start(t, options)
    await next.call('jobsTotal', 'inc', { user: 'a' }, 10)
    t.equal((await next.scrape())[jobs('a')], 13)
    await processes[0]!.scrapeUntil(values => values[jobs('a')] === 13 && values[workers('gone')] === 0)
  })
}

t.test('a thread that is terminated loses at most an interval, and another takes its slot', async t => {
  const options = appOptions(sharedDirectory(t))
  const first = await startThread(t, options)
  for (let i = 1; i <= 3; i++) {
    const second = await startThread(t, options)
    await second.call('jobsTotal', 'inc', { user: 'b' })
    await first.scrapeUntil(values => values[jobs('b')] === i)
    await second.thread.terminate()
    t.match(await first.scrape(), { [jobs('b')]: i, [workers('gone')]: 1, [workers('live')]: 1 })
  }
})

t.test('processes that are killed again and again leave a bounded number of files', async t => {
  const directory = sharedDirectory(t)
  const options = appOptions(directory)
  const first = await startChild(t, options)
  const counts: number[] = []
  for (let i = 0; i < 5; i++) {
    const second = await startChild(t, options)
    await second.call('jobsTotal', 'inc', { user: 'c' })
    await first.scrapeUntil(values => values[jobs('c')] === i + 1)
    await second.kill()
    counts.push(readdirSync(directory).length)
  }
  t.ok(Math.max(...counts) <= counts[0]! + 1, counts.join())
})

t.test('versions with other labels, buckets or types do not break a scrape: the newest wins', async t => {
  const directory = sharedDirectory(t)
  const help = 'A metric of two versions'
  const same = { type: 'counter', help, labels: { user: [] } } as const
  const olderMetrics = {
    sameTotal: same,
    labelsTotal: { type: 'counter', help, labels: { user: [] } },
    buckets: { type: 'histogram', help, buckets: [1, 2] },
    kind: { type: 'gauge', help },
    oldTotal: { type: 'counter', help }
  } as const
  const newerMetrics = {
    sameTotal: same,
    labelsTotal: { type: 'counter', help, labels: { user: [], kind: [] } },
    buckets: { type: 'histogram', help, buckets: [1, 3] },
    kind: { type: 'histogram', help, buckets: [1] },
    newTotal: { type: 'counter', help }
  } as const
  const older = await startChild(t, appOptions(directory, { plugin: { metrics: olderMetrics } }))
  const newer = await startChild(t, appOptions(directory, { plugin: { metrics: newerMetrics } }))
  for (const process of [older, newer]) {
    await process.call('sameTotal', 'inc', { user: 'a' })
    await process.call('buckets', 'observe', 2)
  }
  await older.call('labelsTotal', 'inc', { user: 'a' })
  await newer.call('labelsTotal', 'inc', { user: 'a', kind: 'b' }, 5)
  await older.call('kind', 'set', 1)
  await newer.call('kind', 'observe', 1)
  await older.call('oldTotal', 'inc')
  await newer.call('newTotal', 'inc')
  for (const process of [older, newer]) {
    const values = await process.scrapeUntil(values => values['dynoai_same_total{user="a"}'] === 2 &&
      values['dynoai_old_total'] === 1 && values['dynoai_new_total'] === 1)
    t.match(values, {
      'dynoai_labels_total{user="a",kind="b"}': 5,
      'dynoai_buckets_bucket{le="3"}': 1,
      dynoai_buckets_count: 1,
      dynoai_kind_count: 1
    })
    const left = ['dynoai_kind', 'dynoai_labels_total{user="a"}', 'dynoai_buckets_bucket{le="2"}']
    t.notOk(left.some(name => name in values))
  }
  const values = await older.scrape()
  for (const metric of ['labels_total', 'buckets', 'kind']) {
    t.ok(values[`dynoai_metrics_errors_total{metric="dynoai_${metric}"}`]! >= 1, metric)
  }
  const exposition = text(await older.inject('/metrics'))
  t.equal(exposition.match(/^# TYPE dynoai_kind /gm)?.length, 1)
  t.match(exposition, /^# TYPE dynoai_kind histogram$/m)
})

t.test('filters, OpenMetrics, gzip and HEAD give the same sums', async t => {
  const directory = sharedDirectory(t)
  const [first, second] = [await startChild(t, appOptions(directory)), await startChild(t, appOptions(directory))]
  for (const process of [first, second]) {
    await process.request(2)
    await process.call('jobsTotal', 'inc', { user: 'd' })
  }
  await first.scrapeUntil(values => values[jobs('d')] === 2)
  const hello = 'dynoai_request_duration_seconds_count{method="GET",path="/hello",status="200"}'
  t.strictSame(await first.scrape('?name[]=dynoai_jobs_total'), { [jobs('d')]: 2 })
  const total = 'dynoai_requests_total{method="GET",status="200"}'
  t.strictSame(await first.scrape('?name[]=dynoai_requests_total'), { [total]: 4 })
  t.match(await first.scrape('?name[]=dynoai_request_duration_seconds_count'), { [hello]: 4 })
  t.strictSame(await first.scrape('?name[]=unknown'), {})
  const headers = { accept: 'application/openmetrics-text; version=1.0.0' }
  const openMetrics = text(await first.inject('/metrics', { headers }))
  t.match(openMetrics, /^# TYPE dynoai_jobs counter\n.*\ndynoai_jobs_total\{user="d"\} 2(\.0)?$/m)
  t.match(openMetrics, /# EOF\n$/)
  const gzip = await first.inject('/metrics', { headers: { 'accept-encoding': 'gzip' } })
  t.equal(gzip.headers['content-encoding'], 'gzip')
  t.equal(parse(gunzipSync(Buffer.from(gzip.body, 'base64')).toString())[jobs('d')], 2)
  const head = await first.inject('/metrics', { method: 'HEAD' })
  t.match(head, { status: 200, body: '' })
})

t.test('remove() and reset() also remove what a process has inherited', async t => {
  const directory = sharedDirectory(t)
  const ended = await startChild(t, appOptions(directory))
  for (const user of ['a', 'b', 'c']) await ended.call('jobsTotal', 'inc', { user }, 10)
  await ended.run({ close: true })
  const options = appOptions(directory)
  const heir = await startChild(t, options)
  const other = await startChild(t, options)
  await heir.call('jobsTotal', 'inc', { user: 'a' })
  await other.call('jobsTotal', 'inc', { user: 'b' })
  await heir.scrapeUntil(values => values[jobs('b')] === 11)
  t.match(await heir.scrape(), { [jobs('a')]: 11, [jobs('b')]: 11, [jobs('c')]: 10 })
  await heir.call('jobsTotal', 'remove', { user: 'b' })
  const values = await heir.scrape()
  t.match(values, { [jobs('a')]: 11, [jobs('b')]: 1, [jobs('c')]: 10 }, 'that of another running process remains')
  t.match(await other.scrape(), { [jobs('a')]: 11, [jobs('b')]: 1, [jobs('c')]: 10 })
  await heir.run({ reset: 'jobsTotal' })
  for (const process of [heir, other]) {
    const after = await process.scrape()
    t.strictSame([after[jobs('a')], after[jobs('b')], after[jobs('c')]], [undefined, 1, undefined])
  }
})

const addressOf = ({ port }: AppProcess): string => `127.0.0.1:${port}`

t.test('processes that answer on ports of their own are noticed, logged once and counted', async t => {
  const directory = sharedDirectory(t)
  const options = appOptions(directory, { listens: true })
  const [first, second] = [await startChild(t, options), await startChild(t, options)]
  const errors = 'dynoai_metrics_errors_total{metric="processes"}'
  await first.scrapeUntil(values => values[errors]! > 0 && values[workers('live')] === 2)
  await second.scrapeUntil(values => values[errors]! > 1)
  await startChild(t, options)
  const values = await first.scrapeUntil(values => values[errors]! > 2)
  t.equal(values[errors], 3, 'each pair once for each process that was scraped')
  const warnings = (await first.lines()).filter(({ metric }) => metric === 'processes')
  t.equal(warnings.length, 1)
  t.match(warnings[0], {
    msg: /ports of their own.*option 'processes' to false; more of these are only counted/,
    err: { message: `This process answers scrapes at ${addressOf(first)}, and another one at ${addressOf(second)}` }
  })
})

t.test('an own listener in a cluster is one port, at which any worker answers for all', async t => {
  const folder = createFolder(t)
  const cluster = await startCluster(t, { TMPDIR: folder })
  const options = appOptions('', {
    plugin: { processes: { interval: 200 }, endpoint: { listen: { host: '127.0.0.1', port: 0 } } }, listens: true
  })
  const processes = [await cluster.fork(options), await cluster.fork(options), await cluster.fork(options)]
  for (const process of processes) await process.call('jobsTotal', 'inc', { user: 'e' })
  const ports = new Set<number>()
  for (const process of processes) ports.add((await process.run({ address: true }) as { port: number }).port)
  t.equal(ports.size, 1)
  const [port] = ports
  const scrape = async (): Promise<Values> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })
    return parse(await response.text())
  }
  await waitUntil(async () => (await scrape())[jobs('e')] === 3)
  for (let i = 0; i < 6; i++) {
    const values = await scrape()
    t.equal(values[jobs('e')], 3)
    t.equal(values['dynoai_metrics_errors_total{metric="processes"}'], 0)
  }
})

import cluster from 'node:cluster'
import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Registry } from 'prom-client'
import t from 'tap'
import type { Test } from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { describeThread } from '../../lib/processes/owner.js'
import { Processes } from '../../lib/processes/processes.js'
import { listSlots, ownsSlot, releaseSlot, takeSlot } from '../../lib/processes/slots.js'
import { Exposition } from '../../lib/exposition/exposition.js'
import { resolveOptions } from '../../lib/options/options.js'
import { familyMetric } from '../../lib/registry/family-metric.js'
import { join as joinMetrics } from '../../lib/registry/join.js'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'
import { createFastify, createMeasuredFastify, listen } from '../fixtures/app.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { ownerOf } from '../fixtures/processes/fake-system.js'
import { createFolder, sharedDirectory } from '../fixtures/processes/folder.js'
import { parse, waitUntil } from '../fixtures/processes/service-processes.js'
import type { Values } from '../fixtures/processes/service-processes.js'
import { datedFamily, writeGeneration } from '../fixtures/processes/sampled-families.js'
import { createCounter, increase, mergeSlots, writeSlot } from '../fixtures/processes/slots.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

const ERRORS = 'dynoai_metrics_errors_total{metric="processes"}'
const workers = (state: 'live' | 'stale' | 'gone'): string => `dynoai_metrics_workers{state="${state}"}`
const jobs = (user: string): string => `dynoai_jobs_total{user="${user}"}`

const METRICS = { jobsTotal: { type: 'counter', help: 'Jobs', labels: { user: [] } } } as const

/** What a process of the application has counted. */
function jobsCounter (counts: Readonly<Record<string, number>>): CounterFamily {
  const labels = [{ name: 'user', listed: [] }]
  const family = new CounterFamily({ name: 'dynoai_jobs_total', help: 'Jobs', labels })
  for (const [user, count] of Object.entries(counts)) increase(family, user, count)
  return family
}

interface App {
  readonly scrape: (query?: string) => Promise<Values>
  readonly inc: (user: string, value?: number) => void
  readonly close: () => Promise<void>
  readonly fastify: Awaited<ReturnType<typeof createMeasuredFastify>>
  readonly lines: readonly object[]
}

/** Starts an application in this process. */
async function start (t: Test, directory: string, options: DynoaiMetricsOptions = {}): Promise<App> {
  const { logger, lines } = createCapturingLogger()
  const processes = { directory, interval: 100 }
  const fastify = await createMeasuredFastify(t, { metrics: METRICS, processes, ...options }, { logger })
  const { jobsTotal } = fastify.metrics as unknown as { jobsTotal: { inc (labels: object, value?: number): void } }
  return {
    scrape: async (query = '') => parse((await fastify.inject(`/metrics${query}`)).body),
    inc: (user, value) => { jobsTotal.inc({ user }, value) },
    close: async () => { await fastify.close() },
    fastify,
    lines
  }
}

t.test('a directory that cannot be used leaves a process on its own: logged once, and counted', async t => {
  const folder = createFolder(t)
  for (const name of ['open', 'target']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'file'), '')
  const at = (name: string): string => join(folder, name)
  symlinkSync(at('target'), at('link'))
  const cases = [
    [at('file'), /must be a directory/],
    [at('link'), /must not be a symbolic link/],
    [at('open'), /must give no permissions/],
    [at('missing/directory'), /must be one that this process can create/]
  ] as const
  for (const [directory, message] of cases) {
    const { scrape, inc, lines, close } = await start(t, directory)
    inc('a')
    let values: Values = {}
    await waitUntil(async () => {
      values = await scrape()
      return values[ERRORS]! >= 3
    })
    t.match(values, { [jobs('a')]: 1, [workers('live')]: 1, [workers('stale')]: 0, [workers('gone')]: 0 })
    await close()
    t.equal(lines.length, 1, directory)
    t.match(lines, [{
      level: 40,
      metric: 'processes',
      msg: /^this process answers scrapes with its own metrics alone.*more of these are only counted$/,
      err: { code: 'DYNOAI_METRICS_ERR_DIRECTORY', message }
    }])
  }
})

t.test('takes another slot if the directory is removed, and inherits there again', async t => {
  const directory = sharedDirectory(t)
  const { scrape, inc } = await start(t, directory)
  inc('a', 2)
  t.match(await scrape(), { [jobs('a')]: 2 })
  rmSync(directory, { recursive: true })
  await waitUntil(() => existsSync(join(directory, '0.owner.1')))
  t.match(await scrape(), { [jobs('a')]: 2, [workers('live')]: 1, [workers('gone')]: 0 })
  rmSync(directory, { recursive: true })
  t.match(await scrape(), { [jobs('a')]: 2, [workers('live')]: 1 }, 'also at a scrape')
})

t.test('two instances of a process must not have the same directory', async t => {
  const directory = sharedDirectory(t)
  const { fastify, close } = await start(t, directory)
  await fastify.ready()
  await t.rejects(start(t, directory), {
    code: 'DYNOAI_METRICS_ERR_OPTION',
    message: new RegExp(`^The option 'processes' must be false, or .*Received: the string "${directory}"$`)
  })
  const other = await start(t, `${directory}-2`)
  await close()
  await other.close()
  const again = await start(t, directory)
  t.match(await again.scrape(), { [workers('live')]: 1 })
})

t.test('an instance whose start has failed does not keep the directory from the next one', async t => {
  const directory = sharedDirectory(t)
  const first = await start(t, directory)
  first.inc('a', 2)
  first.fastify.register(async () => { throw new Error('the database is not ready') })
  await t.rejects(async () => { await first.fastify.ready() }, /the database/)
  const second = await start(t, directory)
  t.match(await second.scrape(), { [jobs('a')]: 2, [workers('live')]: 1, [workers('gone')]: 0 })
})

t.test('of two instances that start at the same time, one is not ready', async t => {
  const directory = sharedDirectory(t)
  const [first, second] = [await start(t, directory), await start(t, directory)]
  await second.fastify.ready()
  await t.rejects(async () => { await first.fastify.ready() }, { code: 'DYNOAI_METRICS_ERR_OPTION' })
})

t.test('nothing is lost that other hooks and interrupted requests count while an application closes', async t => {
  const directory = sharedDirectory(t)
  const { logger } = createCapturingLogger()
  const registry = new Registry()
  const calls = new Counter({ name: 'calls_total', help: 'C', registers: [registry] })
  let gauges = 0
  const collect = (): void => { gauges++ }
  const queue = new Gauge({ name: 'queue', help: 'Q', registers: [registry], collect })
  queue.set(1)
  const fastify = createFastify(t, { logger, forceCloseConnections: true })
  const { promise: released, resolve: release } = promiseWithResolvers()
  const { promise: arrived, resolve: arrive } = promiseWithResolvers()
  fastify.addHook('onClose', async () => {
    await nextTurn()
    calls.inc(2)
    jobsTotal.inc({ user: 'a' }, 3)
  })
  await fastify.register(dynoaiMetrics, {
    registry, metrics: METRICS, processes: { directory, interval: 100 }, runtimeMetrics: false
  })
  const { jobsTotal } = fastify.metrics as unknown as { jobsTotal: { inc (labels: object, value?: number): void } }
  fastify.get('/slow', async () => { arrive(); await released; return 'ok' })
  const origin = await listen(fastify)
  const response = t.rejects(fetch(`${origin}/slow`))
  await arrived
  calls.inc(5)
  await fastify.close()
  t.equal(gauges, 0)
  await response
  release()
  await waitUntil(() => listSlots(directory).every(({ isOwned }) => !isOwned))
  const next = await start(t, directory)
  t.match(await next.scrape(), {
    calls_total: 5, [jobs('a')]: 3, 'dynoai_requests_total{method="GET",status="499"}': 1
  })
})

t.test('processes must not have the default label that distinguishes them', async t => {
  const directory = sharedDirectory(t)
  const registry = new Registry()
  registry.setDefaultLabels({ worker: 'eu-1' })
  for (const options of [{ defaultLabels: { worker: 'eu-1' } }, { registry }]) {
    await t.rejects(start(t, directory, options), {
      code: 'DYNOAI_METRICS_ERR_OPTION',
      message: /^The option 'defaultLabels' must be labels other than 'worker'.* Received: the string "eu-1"$/
    })
    await start(t, directory, { ...options, processes: false })
  }
  // The labels of another package's registry may not be readable.
  await start(t, directory, { registry: Object.assign(new Registry(), { _defaultLabels: undefined }) })
})

t.test('a disabled plugin writes nothing, but still rejects wrong options', async t => {
  const directory = sharedDirectory(t)
  const { fastify } = await start(t, directory, { enabled: false })
  await fastify.ready()
  t.notOk(existsSync(directory))
  for (const enabled of [true, false]) {
    await t.rejects(createMeasuredFastify(t, { enabled, processes: true }), {
      code: 'DYNOAI_METRICS_ERR_OPTION', message: /'processes' must be an object with a 'directory'.*Received: true/
    })
  }
})

t.test('outside of a cluster, a process without a directory has no metric of other processes', async t => {
  for (const processes of ['auto', false, { interval: 100 }] as const) {
    const fastify = await createMeasuredFastify(t, { processes })
    const { body } = await fastify.inject('/metrics')
    t.notMatch(body, /metrics_workers|"processes"/)
  }
})

t.test('200 restarts leave the files of one slot, and all counts', async t => {
  const directory = sharedDirectory(t)
  const sizes = new Set<number>()
  for (let i = 1; i <= 200; i++) {
    const { fastify, inc, close } = await start(t, directory)
    await fastify.ready()
    inc('a')
    inc(`user-${i % 10}`)
    await close()
    sizes.add(readdirSync(directory).length)
  }
  t.strictSame([...sizes], [7])
  const { scrape } = await start(t, directory)
  t.match(await scrape(), { [jobs('a')]: 200, [jobs('user-0')]: 20, [jobs('user-9')]: 20 })
})

t.test('leaves out a file that cannot be used: logged once, and counted in each scrape', async t => {
  const directory = sharedDirectory(t)
  const { scrape, inc, lines } = await start(t, directory)
  writeFileSync(join(directory, '5.base.1'), 'forged'.repeat(100))
  inc('a')
  t.match(await scrape(), { [jobs('a')]: 1, [workers('gone')]: 1 })
  const { [ERRORS]: count } = await scrape()
  t.ok(count! > 0)
  t.ok((await scrape())[ERRORS]! > count!)
  t.match(lines, [{ msg: /^metrics of a process were left out/, err: { reason: 'foreign' } }])
  t.equal(lines.length, 1)
})

t.test('a scraper that reads slowly does not keep others from merging', async t => {
  const directory = sharedDirectory(t)
  const { fastify, scrape, inc } = await start(t, directory, { maxSeries: 100_000 })
  for (let i = 0; i < 30_000; i++) inc(`${i} ${'x'.repeat(200)}`)
  const { port } = new URL(await listen(fastify))
  const slow = Array.from({ length: 3 }, () => connect(Number(port), '127.0.0.1'))
  t.teardown(() => { for (const socket of slow) socket.destroy() })
  for (const socket of slow) {
    socket.pause()
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
  }
  await waitUntil(async () => {
    const { started } = await new Promise<{ started: number }>(resolve => {
      fastify.server.getConnections((_err, count) => { resolve({ started: count }) })
    })
    return started === 3
  })
  for (let i = 1; i <= 3; i++) {
    inc('a')
    t.match(await scrape('?name[]=dynoai_jobs_total'), { [jobs('a')]: i })
  }
})

t.test('metrics of other packages are merged, also while one fails', async t => {
  const directory = sharedDirectory(t)
  const registry = new Registry()
  let fails = false
  const collect = (): void => { if (fails) throw new Error('fails') }
  const calls = new Counter({ name: 'calls_total', help: 'C', registers: [registry], collect })
  const level = new Gauge({ name: 'level', help: 'L', registers: [registry], collect })
  calls.inc(3)
  level.set(5)
  const { scrape, close } = await start(t, directory, { registry })
  t.match(await scrape(), { calls_total: 3, level: 5 })
  fails = true
  await nextTurn() // scrapes of one turn share what they collect
  const values = await scrape()
  t.equal(values['calls_total'], 3, 'a sum does not decrease')
  t.notOk('level' in values)
  await close()
  const next = await start(t, directory)
  t.match(await next.scrape(), { calls_total: 3 })
})

t.test('metrics that another version defines otherwise are left out, counted once and logged once', async t => {
  const directory = sharedDirectory(t)
  const registry = new Registry()
  const calls = new Counter({ name: 'other_calls', help: 'C', registers: [registry] })
  calls.inc(3)
  const { scrape, inc, lines } = await start(t, directory, { registry })
  inc('a')
  const since = Date.now() + 60_000
  writeSlot({ directory, slot: 3, since, families: [createCounter({ a: 1 })] })
  writeSlot({ directory, slot: 4, families: [new HistogramFamily({ name: 'calls_total', help: 'C', buckets: [1] })] })
  writeGeneration(directory, { slot: 5, carried: [datedFamily('other_calls', { type: 'summary', values: [] }, since)] })
  for (let i = 0; i < 3; i++) {
    const values = await scrape()
    t.match(values, {
      'calls_total{user="a"}': 1,
      'dynoai_metrics_errors_total{metric="processes"}': 0
    })
    t.notOk('other_calls' in values)
  }
  const values = await scrape()
  t.match(values, {
    'dynoai_metrics_errors_total{metric="other_calls"}': 1, 'dynoai_metrics_errors_total{metric="calls_total"}': 1
  })
  t.match(lines, [{ metric: 'calls_total' }, { metric: 'other_calls' }])
  t.equal(lines.length, 2)
})

t.test('a metric that was removed from the registry is not exposed', async t => {
  const directory = sharedDirectory(t)
  const registry = new Registry()
  const { scrape, inc } = await start(t, directory, { registry })
  inc('a')
  t.equal((await scrape())[jobs('a')], 1)
  registry.removeSingleMetric('dynoai_jobs_total')
  t.notOk(jobs('a') in await scrape())
})

t.test('a series expires that only other processes have shown', async t => {
  const directory = sharedDirectory(t)
  const { inc } = await start(t, directory, { metrics: { jobsTotal: { ...METRICS.jobsTotal, expireAfter: 0.05 } } })
  inc('a')
  const isWritten = (user: string): boolean => `dynoai_jobs_total["${user}"]` in mergeSlots(directory, [0])
  await waitUntil(() => isWritten('a'))
  await sleep(300)
  inc('b')
  await waitUntil(() => isWritten('b'))
  t.ok(isWritten('a'), 'no scrape has shown it')
  const scraped = join(directory, 'scraped')
  await waitUntil(() => {
    writeFileSync(scraped, '')
    utimesSync(scraped, new Date(), new Date())
    return !isWritten('a')
  })
})

t.test('a scrape of some names does not show the series of other metrics', async t => {
  const directory = sharedDirectory(t)
  const { scrape } = await start(t, directory)
  const noted = (): string[] => readdirSync(directory).filter(name => name === 'requested' || name === 'scraped')
  await scrape('?name[]=dynoai_jobs_total')
  await waitUntil(async () => noted().length > 0)
  t.strictSame(noted(), ['requested'])
  await scrape()
  await waitUntil(async () => noted().length === 2)
})

t.test('counts of other slots are merged; a slot is not taken from a process that runs', async t => {
  const directory = sharedDirectory(t)
  mkdirSync(directory, { mode: 0o700 })
  const slot = takeSlot(directory, ownerOf(describeThread()))
  const counter = createCounter({ a: 4 })
  writeSlot({ directory, slot: 0, families: [counter] })
  const { scrape, inc } = await start(t, directory)
  inc('a')
  t.match(await scrape(), { 'calls_total{user="a"}': 4, [jobs('a')]: 1, [workers('live')]: 2 })
  const old = Date.now() / 1000 - 10
  for (const name of readdirSync(directory)) {
    if (name.startsWith('0.')) utimesSync(join(directory, name), old, old)
  }
  t.match(await scrape(), { 'calls_total{user="a"}': 4, [workers('live')]: 1, [workers('stale')]: 1 })
  t.ok(ownsSlot(directory, slot))
})

t.test('a series expires at a scrape', async t => {
  const { scrape, inc } = await start(t, sharedDirectory(t), {
    metrics: { jobsTotal: { ...METRICS.jobsTotal, expireAfter: 0.001 } },
    processes: { directory: sharedDirectory(t), interval: 100_000 }
  })
  inc('a')
  t.equal((await scrape())[jobs('a')], 1)
  await sleep(5)
  t.notOk(jobs('a') in await scrape())
})

t.test('inherited series expire, unless this process has written to them', async t => {
  const directory = sharedDirectory(t)
  const before = await start(t, directory)
  for (const user of ['a', 'b']) before.inc(user, 10)
  await before.close()
  const { scrape, inc } = await start(t, directory, {
    metrics: { jobsTotal: { ...METRICS.jobsTotal, expireAfter: 4 } }
  })
  await waitUntil(async () => {
    inc('a', 0)
    const values = await scrape()
    t.equal(values[jobs('a')], 10)
    return !(jobs('b') in values)
  })
})

/** What `startSharing` returns. */
interface Shared {
  readonly application: FastifyInstance
  readonly counter: CounterFamily
  readonly lines: unknown[]
}

/** Starts to share a registry as one of the default service in a directory. */
function startSharing (t: Test, directory: string): Shared {
  const lines: unknown[] = []
  const registry = new Registry()
  const counter = createCounter({ a: 1 })
  joinMetrics(registry, [familyMetric(counter)])
  const log = new SafeLog({ info () {}, error () {}, warn (...args: unknown[]) { lines.push(args) } } as never)
  const processes = new Processes({
    service: { directory, isDefault: true, record: null },
    options: resolveOptions({ processes: { interval: 100_000 }, runtimeMetrics: false }),
    registry,
    metricErrors: new MetricErrors('', log),
    exposition: new Exposition({ registry, collectTimeout: 1000, onError () {} }),
    address: () => null,
    isBusy: () => false
  })
  const application = createFastify(t)
  processes.shareWith(application)
  return { application, counter, lines }
}

t.test('a worker of a cluster writes when it is disconnected', async t => {
  const directory = sharedDirectory(t)
  const worker = new EventEmitter()
  const { worker: before } = cluster
  Object.assign(cluster, { worker })
  t.teardown(() => { Object.assign(cluster, { worker: before }) })
  const { application, counter } = startSharing(t, directory)
  increase(counter, 'a')
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [1] })
  worker.emit('disconnect')
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [2] })
  await application.close()
  await waitUntil(() => worker.listenerCount('disconnect') === 0)
})

t.test('removes the directories of services that no longer run beside a default one', async t => {
  const folder = createFolder(t)
  const stale = join(folder, 'f'.repeat(32))
  mkdirSync(stale, { mode: 0o700 })
  writeFileSync(join(stale, 'service'), JSON.stringify({ primary: { ...describeThread(), started: 1 } }))
  const { lines } = startSharing(t, join(folder, 'e'.repeat(32)))
  await waitUntil(() => !existsSync(stale))
  t.strictSame(lines, [])
})

t.test('what the application removes is removed from what others had counted', async t => {
  const directory = sharedDirectory(t)
  mkdirSync(directory, { mode: 0o700 })
  const slots = [1, 2].map(() => takeSlot(directory, ownerOf(describeThread())))
  for (const slot of slots) {
    writeSlot({ directory, slot: slot.slot, families: [jobsCounter({ a: 4, b: 1 })] }).close()
    releaseSlot(directory, slot)
  }
  const { scrape, inc, fastify } = await start(t, directory)
  const { jobsTotal } = fastify.metrics as unknown as { jobsTotal: { remove (labels: object): void } }
  inc('a')
  t.match(await scrape(), { [jobs('a')]: 9, [jobs('b')]: 2 })
  jobsTotal.remove({ user: 'a' })
  const values = await scrape()
  t.notOk(jobs('a') in values)
  t.match(values, { [jobs('b')]: 2, [ERRORS]: 0 })
  jobsTotal.remove({ user: 'b' })
  await waitUntil(() => readdirSync(directory).includes('1.base.3'))
})

t.test('restarts leave a limited number of request series with application labels', async t => {
  const directory = sharedDirectory(t)
  let values: Values = {}
  for (let life = 0; life < 4; life++) {
    const { fastify, scrape, close } = await start(t, directory, {
      dynoai: false,
      metrics: {},
      maxSeries: 5,
      requests: { labels: { user: ({ query }) => String((query as { user?: string }).user) } }
    })
    for (let i = 0; i < 8; i++) await fastify.inject(`/ok?user=${life}-${i}`)
    values = await scrape()
    await close()
  }
  const counts = Object.entries(values).filter(([key]) => key.startsWith('dynoai_request_duration_seconds_count'))
  t.equal(counts.reduce((sum, [, count]) => sum + count, 0), 32)
  t.ok(counts.length <= 2 * (5 + 2), `${counts.length} series`)
  t.match(values, { 'dynoai_metrics_overflow_total{metric="dynoai_request_duration_seconds"}': Number })
})

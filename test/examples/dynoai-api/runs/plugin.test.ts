import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import type { AnalyseLog, ComponentHealth } from '../../../../examples/dynoai-api/contracts.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { runsPlugin, type RunsOptions } from '../../../../examples/dynoai-api/runs/plugin.js'
import { promiseWithResolvers } from '../../../fixtures/promise-with-resolvers.js'

const log = generateLog({ rows: 100, cells: [{ rpm: 3000, map: 80, percent: 2 }] })

/** Starts only the plugin of runs, with a directory and health checks that a test can read. */
async function startRuns (t: Test, options: Partial<RunsOptions> = {}) {
  const directory = t.testdir()
  const checks: Array<() => ComponentHealth> = []
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(multipart)
  await app.register(runsPlugin, {
    analyse: (log, events) => analyseLog(log, events),
    refuse: error => Promise.reject(error),
    addHealthCheck: (_component, check) => checks.push(check),
    directory,
    ...options
  })
  const upload = () => {
    const payload = new FormData()
    payload.append('file', new Blob([log]), 'pull.csv')
    return app.inject({ method: 'POST', url: '/api/analyze', payload })
  }
  return { app, upload, health: () => checks.map(check => check())[0], directory }
}

/** Creates an analysis that waits after the inspection until the test calls `release`. */
function createPausedAnalysis () {
  const { promise: released, resolve: release } = promiseWithResolvers()
  const analyse: AnalyseLog = async (log, { onInspected }) => {
    const result = await analyseLog(log, { onInspected })
    await released
    return result
  }
  return { analyse, release }
}

t.test('reports a run as running, without VE data, during its analysis', async t => {
  const { analyse, release } = createPausedAnalysis()
  const { app, upload } = await startRuns(t, { analyse })
  const accepted = await upload()
  const { runId } = accepted.json()
  t.equal(accepted.statusCode, 202)
  t.same(accepted.json(), { runId, status: 'queued', message: 'The log is waiting for its analysis.' })

  t.match((await app.inject(`/api/status/${runId}`)).json(), {
    runId,
    filename: 'pull.csv',
    status: 'running',
    progress: 0,
    message: 'The log is being analysed.',
    log: { encoding: 'UTF-8', headerLine: 1, columns: { rpm: { name: 'RPM', unit: 'rpm' } }, rows: undefined }
  })
  const early = await app.inject(`/api/ve-data/${runId}`)
  t.equal(early.statusCode, 409)
  t.equal(early.json().message, `The run '${runId}' has no VE data: its status is 'running'.`)

  release()
  await app.close()
})

t.test('rejects uploads while too many logs are waiting', async t => {
  const { analyse, release } = createPausedAnalysis()
  const { upload, health } = await startRuns(t, { analyse, maxQueued: 2 })
  t.same(health(), { status: 'healthy', message: '0 logs are waiting.' })
  t.same((await Promise.all([upload(), upload()])).map(({ statusCode }) => statusCode), [202, 202])
  t.same(health(), { status: 'degraded', message: '2 logs are waiting. Further uploads are rejected.' })
  const busy = await upload()
  t.match(busy, { statusCode: 429, headers: { 'retry-after': '5' } })
  t.equal(busy.json().message, 'Too many logs are waiting for their analysis. Try again in a few seconds.')
  release()
})

t.test('accepts uploads that arrive together only up to its limit, and keeps no file of the others', async t => {
  const { analyse, release } = createPausedAnalysis()
  const { upload, health, directory } = await startRuns(t, { analyse, maxQueued: 3 })
  const statuses = (await Promise.all(Array.from({ length: 12 }, upload))).map(({ statusCode }) => statusCode)
  t.same(statuses.sort(), [...Array(3).fill(202), ...Array(9).fill(429)])
  t.match(health(), { message: '3 logs are waiting. Further uploads are rejected.' })
  const [uploads = ''] = readdirSync(directory)
  t.equal(readdirSync(join(directory, uploads)).length, 3)
  release()
})

t.test('counts a log that is being inspected as one that is waiting', async t => {
  const { promise: inspected, resolve: inspect } = promiseWithResolvers()
  const { upload, health, directory } = await startRuns(t, {
    maxQueued: 1,
    analyse: async (log, events) => {
      await inspected
      return analyseLog(log, events)
    }
  })
  const first = upload()
  while (health()?.status === 'healthy') await new Promise(setImmediate)
  t.match(await upload(), { statusCode: 429, headers: { 'retry-after': '5' } })
  const [uploads = ''] = readdirSync(directory)
  t.equal(readdirSync(join(directory, uploads)).length, 1)
  inspect()
  t.equal((await first).statusCode, 202)
})

t.test('stores logs only up to its limit, and gets the space back', async t => {
  const { analyse, release } = createPausedAnalysis()
  const { app, upload, directory } = await startRuns(t, { analyse, maxStoredBytes: 1.5 * log.length })
  const { runId } = (await upload()).json()
  for (let times = 0; times < 2; times++) {
    const busy = await upload()
    t.match(busy, { statusCode: 429, headers: { 'retry-after': '5' } })
    t.equal(busy.json().message, 'Too many logs are being received. Try again in a few seconds.')
    const [uploads = ''] = readdirSync(directory)
    t.equal(readdirSync(join(directory, uploads)).length, 1)
  }
  release()
  while ((await app.inject(`/api/status/${runId}`)).json().status === 'running') await new Promise(setImmediate)
  t.equal((await upload()).statusCode, 202)
})

t.test('evicts the oldest run beyond its limit', async t => {
  const { app, upload } = await startRuns(t, { maxRuns: 1 })
  const [first, second] = [(await upload()).json(), (await upload()).json()]
  t.equal((await app.inject(`/api/status/${first.runId}`)).statusCode, 404)
  t.equal((await app.inject(`/api/status/${second.runId}`)).statusCode, 200)
})

t.test('waits for the analyses when it closes, and leaves no file', async t => {
  const { analyse, release } = createPausedAnalysis()
  const { app, upload, directory } = await startRuns(t, { analyse })
  await upload()
  const [uploads = ''] = readdirSync(directory)
  t.equal(readdirSync(join(directory, uploads)).length, 1)
  let isClosed = false
  const closing = app.close().then(() => { isClosed = true })
  await new Promise(resolve => setTimeout(resolve, 20))
  t.notOk(isClosed)
  release()
  await closing
  t.same(readdirSync(directory), [])
})

t.test('responds with 500 when it cannot write to the disk', async t => {
  const { app, upload, directory } = await startRuns(t)
  rmSync(directory, { recursive: true })
  t.equal((await upload()).statusCode, 500)
  t.equal((await app.inject('/api/status/none')).statusCode, 404, 'the service still responds')
})

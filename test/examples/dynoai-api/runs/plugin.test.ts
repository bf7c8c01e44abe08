import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import type { AnalyseLog, ComponentHealth } from '../../../../examples/dynoai-api/contracts.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { runs, type RunsOptions } from '../../../../examples/dynoai-api/runs/plugin.js'
import { promiseWithResolvers } from '../../../fixtures/promise-with-resolvers.js'

const log = generateLog({ rows: 100, cells: [{ rpm: 3000, map: 80, percent: 2 }] })

/** The runs alone, with the parts around them that a test wants to hold in its hand. */
async function startRuns (t: Test, options: Partial<RunsOptions> = {}) {
  const directory = t.testdir()
  const checks: Array<() => ComponentHealth> = []
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(multipart)
  await app.register(runs, {
    analyse: (log) => analyseLog(log), addHealthCheck: (_component, check) => checks.push(check), directory, ...options
  })
  const upload = () => {
    const payload = new FormData()
    payload.append('file', new Blob([log]), 'pull.csv')
    return app.inject({ method: 'POST', url: '/api/analyze', payload })
  }
  return { app, upload, health: () => checks.map(check => check())[0], directory }
}

/** An analysis that waits until the test lets it go on. */
function heldAnalysis () {
  const { promise: held, resolve: go } = promiseWithResolvers()
  const analyse: AnalyseLog = async (log) => {
    await held
    return analyseLog(log)
  }
  return { analyse, go }
}

t.test('a run is running until its analysis is done, and has VE data then', async t => {
  const { analyse, go } = heldAnalysis()
  const { app, upload } = await startRuns(t, { analyse })
  const accepted = await upload()
  const { runId } = accepted.json()
  t.equal(accepted.statusCode, 202)
  t.same(accepted.json(), { runId, status: 'queued', message: 'The log waits for its analysis.' })

  t.same((await app.inject(`/api/status/${runId}`)).json(), {
    runId, filename: 'pull.csv', status: 'running', progress: 0, message: 'The log is being analysed.'
  })
  const early = await app.inject(`/api/ve-data/${runId}`)
  t.equal(early.statusCode, 409)
  t.equal(early.json().message, `The run '${runId}' has no VE data: its status is 'running'.`)

  go()
  await app.close()
})

t.test('turns uploads away while too many logs wait', async t => {
  const { analyse, go } = heldAnalysis()
  const { upload, health } = await startRuns(t, { analyse, maxQueued: 2 })
  t.same(health(), { status: 'healthy', message: '0 logs wait.' })
  t.same((await Promise.all([upload(), upload()])).map(({ statusCode }) => statusCode), [202, 202])
  t.same(health(), { status: 'degraded', message: '2 logs wait; uploads are turned away.' })
  const busy = await upload()
  t.equal(busy.statusCode, 503)
  t.equal(busy.json().message, 'Too many logs wait for their analysis; try again in a few seconds.')
  go()
})

t.test('takes no more than its limit of uploads that arrive together, and keeps no file of the others', async t => {
  const { analyse, go } = heldAnalysis()
  const { upload, health, directory } = await startRuns(t, { analyse, maxQueued: 3 })
  const statuses = (await Promise.all(Array.from({ length: 12 }, upload))).map(({ statusCode }) => statusCode)
  t.same(statuses.sort(), [...Array(3).fill(202), ...Array(9).fill(503)])
  t.match(health(), { message: '3 logs wait; uploads are turned away.' })
  const [uploads = ''] = readdirSync(directory)
  t.equal(readdirSync(join(directory, uploads)).length, 3)
  go()
})

t.test('forgets the oldest run beyond its limit', async t => {
  const { app, upload } = await startRuns(t, { keep: 1 })
  const [first, second] = [(await upload()).json(), (await upload()).json()]
  t.equal((await app.inject(`/api/status/${first.runId}`)).statusCode, 404)
  t.equal((await app.inject(`/api/status/${second.runId}`)).statusCode, 200)
})

t.test('closing waits for the analyses and leaves no file', async t => {
  const { analyse, go } = heldAnalysis()
  const { app, upload, directory } = await startRuns(t, { analyse })
  await upload()
  const [uploads = ''] = readdirSync(directory)
  t.equal(readdirSync(join(directory, uploads)).length, 1)
  let closed = false
  const closing = app.close().then(() => { closed = true })
  await new Promise(resolve => setTimeout(resolve, 20))
  t.notOk(closed)
  go()
  await closing
  t.same(readdirSync(directory), [])
})

t.test('a disk that cannot be written to is an error of the service', async t => {
  const { app, upload, directory } = await startRuns(t)
  rmSync(directory, { recursive: true })
  t.equal((await upload()).statusCode, 500)
  t.equal((await app.inject('/api/status/none')).statusCode, 404, 'the service is still there')
})

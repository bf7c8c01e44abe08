import { readdirSync } from 'node:fs'
import t from 'tap'
import { buildApp } from '../../../examples/dynoai-api/app.js'
import { generateLog } from '../../../examples/dynoai-api/demo/generate-log.js'
import { Service } from './service.js'

const lean = { rpm: 3000, map: 80, percent: 2 }
const rich = { rpm: 4500, map: 50, percent: -3 }
const far = { rpm: 2000, map: 65, percent: 12 }

t.test('analyses an uploaded log and returns VE corrections', async t => {
  const service = await Service.start(t)
  for (const [name, delimiter] of [['commas', ','], ['tabs', '\t'], ['semicolons', ';']] as const) {
    const { status, body } = await service.upload(generateLog({ delimiter, cells: [lean, rich, far] }), 'pull.csv')
    const { runId } = body
    t.equal(status, 202, name)
    t.same(body, { runId, status: 'queued', message: 'The log is waiting for its analysis.' })
    const message = 'The analysis is complete. Cells to correct: 3.'
    t.same(await service.outcome(runId), { runId, filename: 'pull.csv', status: 'completed', progress: 100, message })
    const { body: data } = await service.request(`/api/ve-data/${String(runId)}`)
    t.same(data.rpm, [1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000, 6500])
    t.same(data.load, [35, 50, 65, 80, 95])
    const expected = Array.from({ length: 11 }, () => [0, 0, 0, 0, 0])
    expected[3]![3] = 2 // `expected` has 11 rows.
    expected[6]![1] = -3
    expected[1]![2] = 7
    t.same(data.corrections, expected)
  }
})

t.test('counts each analysis once, and does not count a rejected log', async t => {
  const service = await Service.start(t)
  const good = generateLog({ rows: 3600, cells: [lean, far] })
  const perfect = generateLog({ rows: 600, cells: [] })
  const bad = 'rpm,map\n1,2\n'
  for (const log of [good, perfect]) await service.outcome((await service.upload(log)).body.runId)
  t.equal((await service.upload(bad)).status, 422)

  t.match(await service.samples('dynoai_analysis'), {
    'dynoai_analysis_total{status="success",source="upload"}': 2,
    'dynoai_analysis_total{status="error",source="upload"}': 0,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 2,
    'dynoai_analysis_duration_seconds_count{status="error",source="upload"}': 0
  })
  t.match(await service.samples('dynoai_active'), { dynoai_active_analyses: 0 })
  t.match(await service.samples('dynoai_ve_corrections'), {
    dynoai_ve_corrections_count_sum: 2,
    dynoai_ve_corrections_count_count: 2,
    'dynoai_ve_corrections_count_bucket{le="0"}': 1,
    dynoai_ve_corrections_magnitude_percent_sum: 12,
    dynoai_ve_corrections_magnitude_percent_count: 2
  })
  t.match(await service.samples('dynoai_file_upload'), {
    dynoai_file_upload_bytes_sum: good.length + perfect.length + bad.length,
    dynoai_file_upload_bytes_count: 3
  })
  t.match(await service.samples('dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="POST",path="/api/analyze",status="202"}': 2,
    'dynoai_request_duration_seconds_count{method="POST",path="/api/analyze",status="422"}': 1
  })
})

t.test('reports an analysis that fails after the 202 in its run', async t => {
  const service = await Service.start(t)
  const { status, body } = await service.upload(`${generateLog({ rows: 600 })}"1500,80`)
  t.equal(status, 202)
  t.match(await service.outcome(body.runId), {
    status: 'error', message: 'The analysis failed.', error: /^The log is not a well-formed table: Quote Not Closed: /
  })
  t.match(await service.samples('dynoai_analysis'), {
    'dynoai_analysis_total{status="success",source="upload"}': 0,
    'dynoai_analysis_total{status="error",source="upload"}': 1,
    'dynoai_analysis_duration_seconds_count{status="error",source="upload"}': 1
  })
  t.match(await service.samples('dynoai_ve_corrections'), { dynoai_ve_corrections_count_count: 0 })
  t.match(await service.request(`/api/ve-data/${String(body.runId)}`), { status: 409 })
})

t.test('reports its health', async t => {
  const service = await Service.start(t)
  const { status, body } = await service.request('/api/health')
  t.equal(status, 200)
  const analysis = { status: 'healthy', message: '0 logs are waiting.' }
  t.match(body, { version: /^\d+\.\d+\.\d+/, components: { analysis } })
  t.same(Object.keys(body.components as object), ['analysis', 'virtual_tuning', 'jetstream'])
})

t.test('responds with one sentence to a request for an unknown id or route', async t => {
  const service = await Service.start(t)
  const id = 'a0a0'
  const cases: Array<[path: string, error: string]> = [
    [`/api/status/${id}`, "There is no run 'a0a0'."],
    [`/api/ve-data/${id}`, "There is no run 'a0a0'."],
    ['/api/nothing', 'There is no route GET /api/nothing.']
  ]
  for (const [path, error] of cases) t.same(await service.request(path), { status: 404, body: { error } })
})

t.test('does not reveal the message of an internal error', async t => {
  const app = await buildApp({ jetstream: { url: 'http://127.0.0.1:1', token: 'none' } })
  t.teardown(() => app.close())
  app.get('/broken', async () => { throw new Error('secret') })
  const response = await app.inject('/broken')
  t.equal(response.statusCode, 500)
  t.same(response.json(), { error: 'Internal error. The log of the service has the details.' })
})

t.test('removes its directory when it cannot be built', async t => {
  const directory = t.testdir()
  for (const path of ['/api/health', '/api/jetstream/status']) {
    await t.rejects(buildApp({ metrics: { path }, runs: { directory } }), { code: 'FST_ERR_DUPLICATED_ROUTE' }, path)
    t.same(readdirSync(directory), [], path)
  }
})

t.test('starts a stub of Jetstream by default, and runs with metrics disabled', async t => {
  const app = await buildApp({ metrics: { enabled: false } })
  t.teardown(() => app.close())
  const payload = new FormData()
  payload.append('file', new Blob([generateLog({ rows: 600 })]), 'pull.csv')
  t.equal((await app.inject({ method: 'POST', url: '/api/analyze', payload })).statusCode, 202)
  t.equal((await app.inject('/api/jetstream/status')).statusCode, 200)
  t.equal((await app.inject('/metrics')).statusCode, 404)
})

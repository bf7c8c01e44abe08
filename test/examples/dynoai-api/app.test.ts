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
    const { log, ...outcome } = await service.outcome(runId)
    t.same(outcome, { runId, filename: 'pull.csv', status: 'completed', progress: 100, message })
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

t.test('reports how it understood a log, and what happened to its rows', async t => {
  const service = await Service.start(t)
  const log = 'Power Core\r\n(PV) Engine RPM;MAP (inHg);TQ;AFR Target;Lambda Front;MAP (V)\r\n' +
    `${'2151;27,9;70,5;12,8;0,89;3\r\n'.repeat(4)}300;27,9;70,5;12,8;0,89;3\r\n`
  const { body: { runId } } = await service.upload(Buffer.from(`\uFEFF${log}`, 'utf16le'), 'pull.txt')
  const expected = {
    encoding: 'UTF-16LE',
    separator: 'semicolon',
    decimalMark: ',',
    headerLine: 2,
    columns: {
      rpm: { name: '(PV) Engine RPM', unit: 'rpm', unitNamed: false },
      map: { name: 'MAP (inHg)', unit: 'inHg', unitNamed: true },
      torque: { name: 'TQ', unit: 'lb-ft', unitNamed: false },
      commandedFront: { name: 'AFR Target', unit: 'AFR', unitNamed: false },
      measuredFront: { name: 'Lambda Front', unit: 'lambda', unitNamed: false }
    },
    cylinders: ['front'],
    stoichiometricRatio: 14.7,
    ignored: [
      { name: 'MAP (V)', reason: "The column 'MAP (V)' is in 'V'. Units that are read are kPa, mbar, bar, inHg, psi." }
    ],
    rows: {
      read: 5,
      used: 4,
      dropped: { fields: 0, unreadable: 0, rpm: 1, map: 0, torque: 0, tps: 0, iat: 0, afr: 0 }
    },
    samples: { front: 4 }
  }
  t.strictSame((await service.outcome(runId)).log, expected)
  t.strictSame((await service.request(`/api/ve-data/${String(runId)}`)).body.log, expected)
})

t.test('counts each analysis once, and a rejected log as an analysis that failed', async t => {
  const service = await Service.start(t)
  const good = generateLog({ rows: 3600, cells: [lean, far] })
  const perfect = generateLog({ rows: 600, cells: [] })
  const bad = ['rpm,map\n1,2\n', good.replaceAll('RPM', 'Speed'), good.replace('MAP_kPa', 'MAP_psi'), '',
    `${good}"1500,80`]
  for (const log of [good, perfect]) await service.outcome((await service.upload(log)).body.runId)
  const statuses = []
  for (const log of bad) statuses.push((await service.upload(log)).status)
  t.strictSame(statuses, [422, 422, 422, 400, 400])
  t.equal((await service.upload(good, 'pull.wp8')).status, 400)
  t.equal((await service.request('/api/analyze', { method: 'POST' })).status, 400, 'without a log')

  t.match(await service.samples('dynoai_analysis'), {
    'dynoai_analysis_total{status="success",source="upload"}': 2,
    'dynoai_analysis_total{status="error",source="upload"}': 6,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 2,
    'dynoai_analysis_duration_seconds_count{status="error",source="upload"}': 6
  })
  t.match(await service.samples('dynoai_log_refusals_total'), {
    'dynoai_log_refusals_total{source="upload",reason="columns"}': 2,
    'dynoai_log_refusals_total{source="upload",reason="units"}': 1,
    'dynoai_log_refusals_total{source="upload",reason="empty"}': 1,
    'dynoai_log_refusals_total{source="upload",reason="malformed"}': 1,
    'dynoai_log_refusals_total{source="upload",reason="extension"}': 1,
    'dynoai_log_refusals_total{source="upload",reason="rows"}': 0
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
    dynoai_file_upload_bytes_sum: [good, perfect, ...bad, good].map(log => log.length)
      .reduce((sum, bytes) => sum + bytes, 0),
    dynoai_file_upload_bytes_count: 8
  })
  t.match(await service.samples('dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="POST",path="/api/analyze",status="202"}': 2,
    'dynoai_request_duration_seconds_count{method="POST",path="/api/analyze",status="422"}': 3
  })
})

t.test('cuts the name of a file, which it keeps, to the longest that a file can have', async t => {
  const service = await Service.start(t)
  const { body: { runId } } = await service.upload(generateLog({ rows: 100 }), `${'x'.repeat(10_000)}.csv`)
  t.match(await service.outcome(runId), { status: 'completed', filename: 'x'.repeat(255) })
})

t.test('limits the time of a request', async t => {
  t.equal((await Service.start(t)).app.server.requestTimeout, 300_000)
})

t.test('names its version and its environment', async t => {
  for (const [environment, expected] of [[undefined, 'production'], ['staging', 'staging']] as const) {
    const service = await Service.start(t, { ...environment !== undefined && { environment } })
    const [series] = Object.keys(await service.samples('dynoai_app_info'))
    t.match(series, new RegExp(`^dynoai_app_info\\{version="\\d+\\.\\d+\\.\\d+",environment="${expected}"\\}$`))
  }
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
    ['/api/status/%00', "There is no run '\0'."],
    ['/api/status/__proto__', "There is no run '__proto__'."],
    ['/api/nothing', 'There is no route GET /api/nothing.']
  ]
  for (const [path, error] of cases) t.same(await service.request(path), { status: 404, body: { error } })
  t.same(await service.request('/api/status/%zz'), {
    status: 400, body: { error: "'/api/status/%zz' is not a valid url component" }
  })
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

import t, { type Test } from 'tap'
import type { AppOptions } from '../../../../examples/dynoai-api/app.js'
import { parseExposition, sum } from '../../../../examples/dynoai-api/demo/exposition.js'
import { Traffic } from '../../../../examples/dynoai-api/demo/traffic.js'
import { startStub } from '../../../../examples/dynoai-api/jetstream/stub.js'
import { Service } from '../service.js'

async function setUp (t: Test, options?: AppOptions) {
  const service = await Service.start(t, { virtualTuning: { stepMs: 200 }, ...options })
  return { service, origin: service.origin }
}

t.test('has the same counts as the metrics', async t => {
  const stub = await startStub({ newRuns: 1, failures: 0, slowness: 0 })
  t.teardown(() => stub.close())
  const { service, origin } = await setUp(t, { jetstream: { url: stub.url, token: stub.token } })
  // With this seed, 50 actions include every kind of action.
  const tally = await new Traffic({ origin, seed: 2112, actions: 50, perSecond: 50 }).send()
  await service.app.close()
  const samples = parseExposition(await service.app.metrics.registry.metrics())
  const total = (name: string, labels?: Record<string, string>) => sum(samples, `dynoai_${name}`, labels)

  const measured = samples
    .filter(({ name }) => name === 'dynoai_request_duration_seconds_count')
    .map(({ labels: { method, path, status }, value }) => [`${method} ${path} ${status}`, value] as const)
  const isProbe = (response: string): boolean => response.includes(' /api/health ')
  const counted = [...tally.responses].filter(([response]) => !isProbe(response))
  t.ok(counted.length < tally.responses.size, 'probes are sent, and not counted')
  t.strictSame(new Map(measured.sort()), new Map(counted.sort()))
  t.equal(total('requests_total'), counted.reduce((sum, [, count]) => sum + count, 0))
  t.equal(tally.failedActions, 0)
  t.equal(total('file_upload_bytes_count'), tally.files)
  t.equal(total('file_upload_bytes_sum'), tally.fileBytes)
  t.equal(total('analysis_total', { source: 'upload', status: 'success' }), tally.acceptedLogs)
  t.equal(total('analysis_total', { source: 'upload', status: 'error' }), total('log_refusals_total',
    { source: 'upload' }))
  t.equal(total('virtual_tuning_sessions_total', { status: 'running' }), tally.sessions)
  t.equal(total('virtual_tuning_iterations_count'), tally.sessions)
  t.equal(total('active_sessions'), 0)

  for (const path of ['/api/ve-data/:runId', '/api/jetstream/runs/:id', '/api/jetstream/sync', '__unmatched__']) {
    t.ok(total('request_duration_seconds_count', { path }) > 0, path)
  }
  for (const status of ['400', '422', '202']) {
    t.ok(total('request_duration_seconds_count', { path: '/api/analyze', status }) > 0, status)
  }
  for (const status of ['converged', 'failed', 'stopped']) {
    t.ok(total('virtual_tuning_sessions_total', { status }) > 0, status)
  }
  t.ok(tally.responses.get('GET /api/jetstream/runs/:id 200'), 'a run of Jetstream was requested')
})

t.test('sends requests until the signal is aborted', async t => {
  const { origin } = await setUp(t)
  const controller = new AbortController()
  const traffic = new Traffic({ origin, concurrency: 2, perSecond: Infinity })
  const sent = traffic.send(controller.signal)
  while (traffic.tally.requests < 20) await new Promise(resolve => setTimeout(resolve, 5))
  controller.abort()
  const { requests } = await sent

  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(traffic.tally.requests, requests, 'no request is sent afterwards')
})

t.test('continues when the service rejects logs and sessions', async t => {
  const { origin } = await setUp(t, { runs: { maxQueued: 0 }, virtualTuning: { maxSessions: 0 } })
  const tally = await new Traffic({ origin, actions: 60, perSecond: Infinity }).send()

  t.equal(tally.failedActions, 0)
  t.equal(tally.acceptedLogs, 0)
  t.equal(tally.sessions, 0)
  t.ok(tally.responses.get('POST /api/analyze 429'))
  t.ok(tally.responses.get('POST /api/virtual-tune/start 429'))
})

t.test('sends the same requests for the same seed', async t => {
  const responses = async (seed: number) => {
    const { origin } = await setUp(t, { runs: { maxQueued: 0 }, virtualTuning: { maxSessions: 0 } })
    return [...(await new Traffic({ origin, seed, actions: 40, perSecond: Infinity }).send()).responses].sort()
  }

  t.strictSame(await responses(1), await responses(1))
  t.notSame(await responses(1), await responses(2))
})

t.test('counts actions without a response', async t => {
  const { service, origin } = await setUp(t)
  await service.app.close()

  t.match(await new Traffic({ origin, actions: 3, perSecond: Infinity }).send(), { failedActions: 3, requests: 0 })
})

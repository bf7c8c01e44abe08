import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { JetstreamOptions } from '../../../../examples/dynoai-api/jetstream/plugin.js'
import { startStub, type StubOptions } from '../../../../examples/dynoai-api/jetstream/stub.js'
import { Service } from '../service.js'

/** Starts a service that polls once at its start and then at every sync. */
async function setUp (t: Test, options: StubOptions, settings: Partial<JetstreamOptions> = {}) {
  const stub = await startStub({
    newRuns: 1, failingRuns: 0, corruptLogs: 0, failures: 0, slowness: 0, rows: 500, ...options
  })
  t.teardown(() => stub.close())
  const { url, token } = stub
  const service = await Service.start(t, { jetstream: { url, token, pollIntervalMs: 600_000, ...settings } })
  const sync = () => service.request('/api/jetstream/sync', { method: 'POST' })
  const run = async (id: string) => (await service.request(`/api/jetstream/runs/${id}`)).body
  /** Waits until the first poll has ended. */
  const firstPoll = async () => {
    const ended = async () => {
      const { body } = await service.request('/api/jetstream/status')
      return body.last_success ?? body.error
    }
    while (await ended() === null) await sleep(1)
  }
  return { service, stub, sync, run, firstPoll }
}

/** Waits until a run is analysed, and returns it. */
async function waitForAnalysis (run: (id: string) => Promise<Record<string, unknown>>, id: string) {
  while ((await run(id)).analysis === 'waiting') await sleep(1)
  return run(id)
}

t.test('counts the states of a run and analyses its log', async t => {
  const { service, sync, run, firstPoll } = await setUp(t, {})
  await firstPoll()
  t.match(await run('run-0001'), { id: 'run-0001', state: 'pending', analysis: 'waiting' })

  const results = []
  for (let n = 0; n < 5; n++) results.push((await sync()).body)
  t.strictSame(results, [2, 3, 4, 5, 6].map(n => ({ new_runs_found: 1, run_ids: [`run-000${n}`] })))
  t.match(await waitForAnalysis(run, 'run-0001'), { state: 'complete', analysis: 'complete', attempts: 1 })
  t.strictSame(await service.samples('dynoai_jetstream_open_runs'), {
    'dynoai_jetstream_open_runs{state="pending"}': 1,
    'dynoai_jetstream_open_runs{state="downloading"}': 1,
    'dynoai_jetstream_open_runs{state="converting"}': 1,
    'dynoai_jetstream_open_runs{state="validating"}': 1,
    'dynoai_jetstream_open_runs{state="processing"}': 1,
    'dynoai_jetstream_open_runs{state="complete"}': 0
  })
  await service.app.close()

  t.strictSame(await service.samples('dynoai_jetstream_runs_total'), {
    'dynoai_jetstream_runs_total{status="pending"}': 6,
    'dynoai_jetstream_runs_total{status="downloading"}': 5,
    'dynoai_jetstream_runs_total{status="converting"}': 4,
    'dynoai_jetstream_runs_total{status="validating"}': 3,
    'dynoai_jetstream_runs_total{status="processing"}': 2,
    'dynoai_jetstream_runs_total{status="complete"}': 1,
    'dynoai_jetstream_runs_total{status="error"}': 0
  })
  t.match(await service.samples('dynoai_jetstream_poll_duration_seconds_count'), {
    'dynoai_jetstream_poll_duration_seconds_count{status="success"}': 6,
    'dynoai_jetstream_poll_duration_seconds_count{status="error"}': 0
  })
  t.match(await service.samples('dynoai_analysis_total'), {
    'dynoai_analysis_total{status="success",source="jetstream"}': 1,
    'dynoai_analysis_total{status="error",source="jetstream"}': 0
  })
})

t.test('returns the runs, the status of polling and the health', async t => {
  const { service, sync, firstPoll } = await setUp(t, {})
  await firstPoll()
  await sync()

  const { body: { runs } } = await service.request('/api/jetstream/runs')
  t.match(runs, [{ id: 'run-0002', state: 'pending' }, { id: 'run-0001', state: 'downloading' }])
  t.match((await service.request('/api/jetstream/status')).body, {
    connected: true,
    last_success: /^\d{4}-.*Z$/,
    error: null,
    poll_interval_seconds: 600,
    runs: { pending: 1, downloading: 1, converting: 0, validating: 0, processing: 0, complete: 0, error: 0 }
  })
  t.match((await service.request('/api/health')).body.components, {
    jetstream: { status: 'healthy', message: 'Jetstream responds.' }
  })
  t.match(await service.request('/api/jetstream/runs/run-9999'), {
    status: 404, body: { error: "There is no Jetstream run 'run-9999'." }
  })
})

t.test('evicts runs beyond its limit', async t => {
  const { service, sync, firstPoll } = await setUp(t, { failingRuns: 1 }, { maxRuns: 8 })
  await firstPoll()
  for (let n = 0; n < 15; n++) t.equal((await sync()).body.new_runs_found, 1, 'an evicted run is not reported as new')

  const { body: { runs } } = await service.request('/api/jetstream/runs')
  t.match(runs, { length: 8 })
})

t.test('responds with 424 and the reason when Jetstream fails, and counts the failure', async t => {
  const cases: Array<[StubOptions, Partial<JetstreamOptions>, error: string]> = [
    [{ failures: 1 }, {}, 'Jetstream responded with status 503.'],
    [{}, { token: 'wrong' }, 'Jetstream responded with status 401.'],
    [{ slowness: 1, slowMs: 5000 }, { timeoutMs: 100 }, 'Jetstream did not respond within 100 ms.']
  ]
  for (const [options, settings, error] of cases) {
    await t.test(error, async t => {
      const { service, sync, firstPoll } = await setUp(t, options, settings)
      await firstPoll()
      t.strictSame(await sync(), { status: 424, body: { error } })
      t.match((await service.request('/api/jetstream/status')).body, { connected: false, last_success: null, error })
      t.match((await service.request('/api/health')).body, {
        status: 'degraded', components: { jetstream: { status: 'degraded', message: error } }
      })
      t.match(await service.samples('dynoai_jetstream_poll_duration_seconds_count'), {
        'dynoai_jetstream_poll_duration_seconds_count{status="success"}': 0,
        'dynoai_jetstream_poll_duration_seconds_count{status="error"}': 2
      })
    })
  }
})

t.test('does not analyse a run that ended in an error, and counts a failed analysis of a corrupt log', async t => {
  const { service, sync, run, firstPoll } = await setUp(t, { corruptLogs: 1, failingRuns: 0.5 })
  await firstPoll()
  const states = new Set<unknown>()
  while (!states.has('complete') || !states.has('error')) {
    await sync()
    const { body } = await service.request('/api/jetstream/runs')
    for (const { state } of body.runs as Array<{ state: string }>) states.add(state)
  }
  const { body } = await service.request('/api/jetstream/runs')
  const runs = body.runs as Array<{ id: string, state: string }>
  for (const { id } of runs.filter(({ state }) => state === 'complete')) {
    const error = /^These columns are missing from the log: .+\.$/
    t.match(await waitForAnalysis(run, id), { analysis: 'error', attempts: 1, error }, id)
  }
  await service.app.close()

  const failed = runs.filter(({ state }) => state === 'error').length
  const complete = runs.filter(({ state }) => state === 'complete').length
  t.match(await service.samples('dynoai_jetstream_runs_total'), {
    'dynoai_jetstream_runs_total{status="error"}': failed,
    'dynoai_jetstream_runs_total{status="complete"}': complete
  })
  t.match(await service.samples('dynoai_analysis_total'), {
    'dynoai_analysis_total{status="error",source="jetstream"}': complete,
    'dynoai_analysis_total{status="success",source="jetstream"}': 0
  })
})

t.test('closes without waiting for a slow Jetstream', async t => {
  const { service } = await setUp(t, { slowness: 1, slowMs: 10_000 })
  const start = performance.now()
  await service.app.close()

  t.ok(performance.now() - start < 2000)
})

import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import {
  virtualTuningPlugin, type VirtualTuningOptions
} from '../../../../examples/dynoai-api/virtual-tuning/plugin.js'
import { recordMetricCalls } from '../record-metric-calls.js'
import { Service } from '../service.js'

async function setUp (t: Test, options: Partial<VirtualTuningOptions> = {}) {
  const service = await Service.start(t, { virtualTuning: { stepMs: 1, ...options } })
  const post = (path: string, json?: unknown) => service.request(`/api/virtual-tune/${path}`, {
    method: 'POST',
    ...json === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }
  })
  const status = (id: unknown) => service.request(`/api/virtual-tune/status/${String(id)}`)
  /** Waits until a session has ended, and returns it. */
  const outcome = async (id: unknown) => {
    while ((await status(id)).body.status === 'running') await sleep(1)
    return (await status(id)).body
  }
  return { service, post, status, outcome }
}

t.test('converges in five iterations with the default engine', async t => {
  const { service, post, outcome } = await setUp(t)
  const { status, body } = await post('start')
  const config = { scenario: 'lean', error_percent: 40, leak_percent: 0, max_iterations: 10 }
  t.equal(status, 200)
  t.match(body, { success: true, session_id: /^[\w-]{36}$/, status: 'running', config })
  t.equal((await service.samples('dynoai_active_sessions')).dynoai_active_sessions, 1)

  t.match(await outcome(body.session_id), { session_id: body.session_id, status: 'converged', iterations: 5, config })
  await service.app.close()
  t.strictSame(await service.samples('dynoai_virtual_tuning_sessions_total'), {
    'dynoai_virtual_tuning_sessions_total{status="running"}': 1,
    'dynoai_virtual_tuning_sessions_total{status="converged"}': 1,
    'dynoai_virtual_tuning_sessions_total{status="failed"}': 0,
    'dynoai_virtual_tuning_sessions_total{status="stopped"}': 0,
    'dynoai_virtual_tuning_sessions_total{status="max_iterations"}': 0
  })
  t.match(await service.samples('dynoai_virtual_tuning_iterations'), {
    dynoai_virtual_tuning_iterations_count: 1, dynoai_virtual_tuning_iterations_sum: 5
  })
  t.equal((await service.samples('dynoai_active_sessions')).dynoai_active_sessions, 0)
})

t.test('counts each outcome of a session, and analyses its last pull as a log of the simulator', async t => {
  const { service, post, outcome } = await setUp(t)
  const cases: Array<[config: object, status: string]> = [
    [{ error_percent: 1 }, 'converged'],
    [{ error_percent: 10, leak_percent: 20 }, 'failed'],
    [{ scenario: 'rich', error_percent: 10, max_iterations: 1 }, 'max_iterations'],
    // So lean that every AFR is implausible, so the log has no usable row.
    [{ error_percent: 45, max_iterations: 1 }, 'max_iterations']
  ]
  for (const [config, status] of cases) {
    const { body } = await post('start', config)
    t.equal((await outcome(body.session_id)).status, status, JSON.stringify(config))
  }
  await service.app.close()

  t.match(await service.samples('dynoai_virtual_tuning'), {
    'dynoai_virtual_tuning_sessions_total{status="running"}': 4,
    'dynoai_virtual_tuning_sessions_total{status="converged"}': 1,
    'dynoai_virtual_tuning_sessions_total{status="failed"}': 1,
    'dynoai_virtual_tuning_sessions_total{status="max_iterations"}': 2,
    dynoai_virtual_tuning_iterations_count: 4,
    dynoai_virtual_tuning_iterations_sum: 7
  })
  t.match(await service.samples('dynoai_analysis_total'), {
    'dynoai_analysis_total{status="success",source="simulator"}': 3,
    'dynoai_analysis_total{status="error",source="simulator"}': 1,
    'dynoai_analysis_total{status="success",source="upload"}': 0
  })
  t.match(await service.samples('dynoai_ve_corrections_count'), {
    dynoai_ve_corrections_count_count: 3,
    dynoai_ve_corrections_count_sum: 165
  })
})

t.test('stops a session', async t => {
  const { service, post, status } = await setUp(t, { stepMs: 600_000 })
  const { body: { session_id: id } } = await post('start')
  t.match(await post(`stop/${String(id)}`), { status: 200, body: { success: true, session_id: id, status: 'stopped' } })
  t.match(await status(id), { status: 200, body: { status: 'stopped', iterations: 0 } })

  await service.app.close()
  t.match(await service.samples('dynoai_virtual_tuning'), {
    'dynoai_virtual_tuning_sessions_total{status="stopped"}': 1,
    dynoai_virtual_tuning_iterations_count: 1,
    dynoai_virtual_tuning_iterations_sum: 0
  })
  t.equal((await service.samples('dynoai_active_sessions')).dynoai_active_sessions, 0)
  t.match(await service.samples('dynoai_analysis_total'), {
    'dynoai_analysis_total{status="success",source="simulator"}': 0
  })
})

t.test('stops the running sessions when the service closes', async t => {
  const { service, post } = await setUp(t, { stepMs: 600_000 })
  await post('start')
  await post('start')
  await service.app.close()

  t.match(await service.samples('dynoai_virtual_tuning_sessions_total'), {
    'dynoai_virtual_tuning_sessions_total{status="running"}': 2,
    'dynoai_virtual_tuning_sessions_total{status="stopped"}': 2
  })
  t.equal((await service.samples('dynoai_active_sessions')).dynoai_active_sessions, 0)
})

t.test('waits for the analysis of a last pull when the service closes', async t => {
  const app = Fastify()
  app.decorate('metrics', recordMetricCalls().metrics)
  const events: string[] = []
  const analysing = new Promise<void>(resolve => {
    app.register(virtualTuningPlugin, {
      stepMs: 1,
      addHealthCheck: () => {},
      analyse: async () => {
        resolve()
        await sleep(50)
        events.push('analysed')
        throw new Error('The log is bad.')
      }
    })
  })
  await app.inject({ method: 'POST', url: '/api/virtual-tune/start', payload: { error_percent: 0 } })
  await analysing
  await app.close()
  events.push('closed')

  t.strictSame(events, ['analysed', 'closed'])
})

t.test('rejects a bad configuration with the reason', async t => {
  const { service, post } = await setUp(t)
  const cases: Array<[config: unknown, error: RegExp]> = [
    [{ scenario: 'loud' }, /scenario/],
    [{ error_percent: 46 }, /error_percent/],
    [{ error_percent: -1 }, /error_percent/],
    [{ leak_percent: 'much' }, /leak_percent/],
    [{ max_iterations: 0 }, /max_iterations/],
    [{ max_iterations: 11 }, /max_iterations/],
    [{ max_iterations: 2.5 }, /max_iterations/],
    [{ iterations: 3 }, /property name/],
    [[], /object/]
  ]
  for (const [config, error] of cases) {
    t.match(await post('start', config), { status: 400, body: { error } }, JSON.stringify(config))
  }
  t.match(await service.samples('dynoai_virtual_tuning_sessions_total'), {
    'dynoai_virtual_tuning_sessions_total{status="running"}': 0
  })
})

t.test('responds with 404 for an unknown session', async t => {
  const { post, status } = await setUp(t)
  const notFound = { status: 404, body: { error: "There is no tuning session 'unknown'." } }

  t.match(await status('unknown'), notFound)
  t.match(await post('stop/unknown'), notFound)
})

t.test('rejects a session beyond the limit, and reports it in the health', async t => {
  const { service, post } = await setUp(t, { stepMs: 600_000, maxSessions: 1 })
  const health = async () => (await service.request('/api/health')).body.components
  t.match(await health(), { virtual_tuning: { status: 'healthy', message: '0 tuning sessions are running.' } })

  await post('start')
  const body = { success: false, error: 'Too many tuning sessions are running.' }
  t.match(await post('start'), { status: 429, body })
  const response = await service.app.inject({ method: 'POST', url: '/api/virtual-tune/start' })
  t.equal(response.headers['retry-after'], '5')
  const message = 'The limit of running tuning sessions is reached.'
  t.match(await health(), { virtual_tuning: { status: 'degraded', message } })
})

import t, { type Test } from 'tap'
import { Sessions } from '../../../../examples/dynoai-api/virtual-tuning/sessions.js'
import type { TuningConfig } from '../../../../examples/dynoai-api/virtual-tuning/simulation.js'
import { recordMetricCalls } from '../record-metric-calls.js'

const config: TuningConfig = { scenario: 'lean', error_percent: 40, leak_percent: 0, max_iterations: 10 }
const newStatus = (status: string) => ['virtualTuningSessionsTotal', 'inc', { status }]
const opened = ['activeSessions', 'inc']
const closed = (iterations: number) => [['activeSessions', 'dec'], ['virtualTuningIterations', 'observe', iterations]]

function setUp (t: Test, maxSessions = 3) {
  t.clock.enter()
  const { calls, metrics } = recordMetricCalls()
  const ended: string[] = []
  const sessions = new Sessions({
    metrics,
    onEnd: (session, pull) => { ended.push(`${session.status} ${pull.max_afr_error.toFixed(2)}`) },
    stepMs: 100,
    maxSessions
  })
  const start = (changed: Partial<TuningConfig> = {}) => {
    const session = sessions.start({ ...config, ...changed })
    if (!session) throw new Error('no session was started')
    return session.session_id
  }
  // One step at a time: a timer that is set during `advance` starts at the end of the advanced time.
  const advanceSteps = (count: number) => { for (let step = 0; step < count; step++) t.clock.advance(100) }
  return { sessions, start, calls, ended, advanceSteps }
}

t.test('counts the start and the outcome of a session once', async t => {
  const cases: Array<[Partial<TuningConfig>, status: string, iterations: number, ended: string]> = [
    [{}, 'converged', 5, 'converged 0.00'],
    [{ max_iterations: 2 }, 'max_iterations', 2, 'max_iterations 5.84'],
    [{ error_percent: 10, leak_percent: 20 }, 'failed', 4, 'failed 3.99']
  ]
  for (const [changed, status, iterations, end] of cases) {
    await t.test(status, async t => {
      const { sessions, start, calls, ended, advanceSteps } = setUp(t)
      const id = start(changed)
      t.same(calls, [newStatus('running'), opened])

      advanceSteps(iterations - 1)
      t.clock.advance(99)
      t.equal(sessions.get(id)?.status, 'running')
      t.equal(sessions.get(id)?.iterations, iterations - 1, 'a pull at every step')
      t.equal(sessions.running, 1)

      advanceSteps(20)
      t.same(calls, [newStatus('running'), opened, newStatus(status), ...closed(iterations)])
      t.same(ended, [end], 'with the last pull')
      t.equal(sessions.running, 0)
      t.match(sessions.get(id), { session_id: id, status, iterations })
      t.equal(sessions.get(id)?.afr_errors.length, iterations)
    })
  }
})

t.test('stops a session once, between two pulls', async t => {
  const { sessions, start, calls, ended, advanceSteps } = setUp(t)
  const id = start()
  advanceSteps(2)
  t.clock.advance(50)
  t.match(sessions.stop(id), { status: 'stopped', iterations: 2 })
  t.match(sessions.stop(id), { status: 'stopped', iterations: 2 }, 'stopping again changes nothing')
  advanceSteps(20)

  t.match(sessions.get(id), { status: 'stopped', iterations: 2, converged_cells_percent: 0 })
  t.same(calls, [newStatus('running'), opened, newStatus('stopped'), ...closed(2)])
  t.same(ended, [])
  t.equal(sessions.stop('unknown'), undefined)
  t.equal(sessions.get('unknown'), undefined)
})

t.test('stops all sessions', async t => {
  const { sessions, start, calls } = setUp(t)
  const ids = [start(), start({ error_percent: 0 }), start()]
  t.clock.advance(100)
  sessions.stopAll()

  t.same(ids.map(id => sessions.get(id)?.status), ['stopped', 'converged', 'stopped'])
  t.equal(sessions.running, 0)
  t.equal(calls.filter(([property, method]) => property === 'activeSessions' && method === 'inc').length, 3)
  t.equal(calls.filter(([property, method]) => property === 'activeSessions' && method === 'dec').length, 3)
})

t.test('rejects a session beyond the limit, and evicts the oldest ended one', async t => {
  const { sessions, start } = setUp(t, 2)
  const running = start()
  const ended = start({ error_percent: 0 })
  t.equal(sessions.start(config), undefined, 'two are running')

  t.clock.advance(100)
  const next = start()
  t.same([running, ended, next].map(id => sessions.get(id)?.status), ['running', undefined, 'running'])
})

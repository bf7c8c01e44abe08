import t, { type Test } from 'tap'
import { Sessions } from '../../../../examples/dynoai-api/virtual-tuning/sessions.js'
import type { TuningConfig } from '../../../../examples/dynoai-api/virtual-tuning/simulate.js'
import { recordedMetrics } from '../recorded-metrics.js'

const config: TuningConfig = { scenario: 'lean', error_percent: 40, leak_percent: 0, max_iterations: 10 }
const entered = (status: string) => ['virtualTuningSessionsTotal', 'inc', { status }]
const opened = ['activeSessions', 'inc']
const closed = (iterations: number) => [['activeSessions', 'dec'], ['virtualTuningIterations', 'observe', iterations]]

function setUp (t: Test, maxSessions = 3) {
  t.clock.enter()
  const { calls, metrics } = recordedMetrics()
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
  // One step after the other: a timer that another one sets counts from the time that the clock was advanced to.
  const advanceSteps = (count: number) => { for (let step = 0; step < count; step++) t.clock.advance(100) }
  return { sessions, start, calls, ended, advanceSteps }
}

t.test('each end of a session is counted once, after its start', async t => {
  const cases: Array<[Partial<TuningConfig>, status: string, iterations: number, ended: string]> = [
    [{}, 'converged', 5, 'converged 0.00'],
    [{ max_iterations: 2 }, 'max_iterations', 2, 'max_iterations 5.84'],
    [{ error_percent: 10, leak_percent: 20 }, 'failed', 4, 'failed 3.99']
  ]
  for (const [changed, status, iterations, end] of cases) {
    await t.test(status, async t => {
      const { sessions, start, calls, ended, advanceSteps } = setUp(t)
      const id = start(changed)
      t.same(calls, [entered('running'), opened])

      advanceSteps(iterations - 1)
      t.clock.advance(99)
      t.equal(sessions.get(id)?.status, 'running')
      t.equal(sessions.get(id)?.iterations, iterations - 1, 'a pull at every step')
      t.equal(sessions.running, 1)

      advanceSteps(20)
      t.same(calls, [entered('running'), opened, entered(status), ...closed(iterations)])
      t.same(ended, [end], 'with the last pull')
      t.equal(sessions.running, 0)
      t.match(sessions.get(id), { session_id: id, status, iterations })
      t.equal(sessions.get(id)?.afr_errors.length, iterations)
    })
  }
})

t.test('a session can be stopped, once, between two pulls', async t => {
  const { sessions, start, calls, ended, advanceSteps } = setUp(t)
  const id = start()
  advanceSteps(2)
  t.clock.advance(50)
  t.match(sessions.stop(id), { status: 'stopped', iterations: 2 })
  t.match(sessions.stop(id), { status: 'stopped', iterations: 2 }, 'stopping again changes nothing')
  advanceSteps(20)

  t.match(sessions.get(id), { status: 'stopped', iterations: 2, converged_cells_percent: 0 })
  t.same(calls, [entered('running'), opened, entered('stopped'), ...closed(2)])
  t.same(ended, [])
  t.equal(sessions.stop('nobody'), undefined)
  t.equal(sessions.get('nobody'), undefined)
})

t.test('all sessions can be stopped', async t => {
  const { sessions, start, calls } = setUp(t)
  const ids = [start(), start({ error_percent: 0 }), start()]
  t.clock.advance(100)
  sessions.stopAll()

  t.same(ids.map(id => sessions.get(id)?.status), ['stopped', 'converged', 'stopped'])
  t.equal(sessions.running, 0)
  t.equal(calls.filter(([property, method]) => property === 'activeSessions' && method === 'inc').length, 3)
  t.equal(calls.filter(([property, method]) => property === 'activeSessions' && method === 'dec').length, 3)
})

t.test('no more sessions run than are kept, and the oldest ended one is forgotten', async t => {
  const { sessions, start } = setUp(t, 2)
  const long = start()
  const short = start({ error_percent: 0 })
  t.equal(sessions.start(config), undefined, 'two are running')

  t.clock.advance(100)
  const next = start()
  t.same([long, short, next].map(id => sessions.get(id)?.status), ['running', undefined, 'running'])
})

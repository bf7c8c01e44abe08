import t from 'tap'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { SimulatedRuns } from '../../../../examples/dynoai-api/jetstream/simulated-runs.js'

function statesOf (runs: SimulatedRuns, id: string, ticks: number) {
  return Array.from({ length: ticks }, () => {
    runs.tick()
    return runs.get(id)?.state
  })
}

t.test('moves a run through every state, one per tick', async t => {
  t.same(statesOf(new SimulatedRuns({ newRuns: 1, failingRuns: 0 }), 'run-0001', 8), [
    'pending', 'downloading', 'converting', 'validating', 'processing', 'complete', 'complete', 'complete'
  ])
})

t.test('ends a failing run in error after an intermediate state', async t => {
  const runs = new SimulatedRuns({ newRuns: 1, failingRuns: 1 })
  for (let tick = 0; tick < 40; tick++) runs.tick()
  const lastStates = Array.from({ length: 30 }, (_, i) => runs.get(`run-${String(i + 1).padStart(4, '0')}`)?.state)

  t.same(new Set(lastStates), new Set(['error']))
  const states = statesOf(new SimulatedRuns({ newRuns: 1, failingRuns: 1 }), 'run-0001', 7)
  t.match(states.join(' '), /^pending downloading .*error error$/)
})

t.test('adds no run at probability 0, and evicts the oldest runs', async t => {
  const none = new SimulatedRuns({ newRuns: 0 })
  none.tick()
  t.same(none.list(), [])

  const many = new SimulatedRuns({ newRuns: 1, maxRuns: 3 })
  for (let tick = 0; tick < 5; tick++) many.tick()
  t.same(many.list().map(({ id }) => id), ['run-0003', 'run-0004', 'run-0005'])
  t.equal(many.get('run-0001'), undefined)
})

t.test('lists runs that changed at a time or later', async t => {
  t.clock.enter()
  const runs = new SimulatedRuns({ newRuns: 1, failingRuns: 0 })
  for (let tick = 0; tick < 8; tick++) {
    t.clock.advance(1000)
    runs.tick()
  }
  const now = new Date().toISOString()

  t.equal(runs.list().length, 8)
  t.same(runs.list(now).map(({ id }) => id), [3, 4, 5, 6, 7, 8].map(number => `run-000${number}`))
  t.clock.advance(1)
  t.same(runs.list(new Date().toISOString()), [])
})

t.test('produces the same runs and logs for the same seed', async t => {
  const history = (seed: number) => {
    const runs = new SimulatedRuns({ seed, rows: 10 })
    return Array.from({ length: 30 }, () => {
      runs.tick()
      return runs.list().map(run => `${run.id} ${run.state} ${runs.log(run).toString('hex')}`)
    })
  }
  t.same(history(1), history(1))
  t.notSame(history(1), history(2))
})

t.test('returns a valid log or a corrupt one', async t => {
  const run = { id: 'run-0001', state: 'complete', vehicle: 'FXDLS 2021', updated_at: '' } as const
  const header = generateLog({ rows: 1 }).split('\r\n')[0]
  const log = new SimulatedRuns({ corruptLogs: 0, rows: 20 }).log(run).toString()
  const corrupt = new SimulatedRuns({ corruptLogs: 1, rows: 20 }).log(run)

  t.equal(log.split('\r\n')[0], header)
  t.equal(log.trimEnd().split('\r\n').length, 21)
  t.equal(corrupt.length, log.length)
  t.equal(Buffer.from(corrupt.map(byte => 255 - byte)).toString(), log)
})

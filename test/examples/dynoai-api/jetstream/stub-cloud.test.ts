import t from 'tap'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { StubCloud } from '../../../../examples/dynoai-api/jetstream/stub-cloud.js'

function statesOf (cloud: StubCloud, id: string, ticks: number) {
  return Array.from({ length: ticks }, () => {
    cloud.tick()
    return cloud.get(id)?.state
  })
}

t.test('a run goes through every state, one at a tick', async t => {
  t.same(statesOf(new StubCloud({ newRuns: 1, failingRuns: 0 }), 'run-0001', 8), [
    'pending', 'downloading', 'converting', 'validating', 'processing', 'complete', 'complete', 'complete'
  ])
})

t.test('a failing run ends in error after a state on its way', async t => {
  const cloud = new StubCloud({ newRuns: 1, failingRuns: 1 })
  for (let tick = 0; tick < 40; tick++) cloud.tick()
  const lastStates = Array.from({ length: 30 }, (_, i) => cloud.get(`run-${String(i + 1).padStart(4, '0')}`)?.state)

  t.same(new Set(lastStates), new Set(['error']))
  t.match(statesOf(new StubCloud({ newRuns: 1, failingRuns: 1 }), 'run-0001', 7).join(' '), /^pending downloading .*error error$/)
})

t.test('no run appears without a chance, and the oldest are forgotten', async t => {
  const quiet = new StubCloud({ newRuns: 0 })
  quiet.tick()
  t.same(quiet.list(), [])

  const busy = new StubCloud({ newRuns: 1, maxRuns: 3 })
  for (let tick = 0; tick < 5; tick++) busy.tick()
  t.same(busy.list().map(({ id }) => id), ['run-0003', 'run-0004', 'run-0005'])
  t.equal(busy.get('run-0001'), undefined)
})

t.test('lists what changed at a time or later', async t => {
  t.clock.enter()
  const cloud = new StubCloud({ newRuns: 1, failingRuns: 0 })
  for (let tick = 0; tick < 8; tick++) {
    t.clock.advance(1000)
    cloud.tick()
  }
  const now = new Date().toISOString()

  t.equal(cloud.list().length, 8)
  t.same(cloud.list(now).map(({ id }) => id), ['run-0003', 'run-0004', 'run-0005', 'run-0006', 'run-0007', 'run-0008'])
  t.clock.advance(1)
  t.same(cloud.list(new Date().toISOString()), [])
})

t.test('the same seed gives the same runs and logs', async t => {
  const story = (seed: number) => {
    const cloud = new StubCloud({ seed, rows: 10 })
    return Array.from({ length: 30 }, () => {
      cloud.tick()
      return cloud.list().map(run => `${run.id} ${run.state} ${cloud.log(run).toString('hex')}`)
    })
  }
  t.same(story(1), story(1))
  t.notSame(story(1), story(2))
})

t.test('a log is one that a dyno could have written, or corrupt', async t => {
  const run = { id: 'run-0001', state: 'complete', vehicle: 'FXDLS 2021', updated_at: '' } as const
  const header = generateLog({ rows: 1 }).split('\r\n')[0]
  const log = new StubCloud({ corruptLogs: 0, rows: 20 }).log(run).toString()
  const corrupt = new StubCloud({ corruptLogs: 1, rows: 20 }).log(run)

  t.equal(log.split('\r\n')[0], header)
  t.equal(log.trimEnd().split('\r\n').length, 21)
  t.equal(corrupt.length, log.length)
  t.equal(Buffer.from(corrupt.map(byte => 255 - byte)).toString(), log)
})

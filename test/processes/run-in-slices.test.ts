import t from 'tap'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import { runInSlices } from '../../lib/processes/run-in-slices.js'

/** A scheduler whose slices end after each millisecond of a clock that advances with each step. */
function createScheduler (onTurn: () => void): { scheduler: Scheduler, advance: () => void } {
  let now = 0
  const scheduler = new Scheduler({ now: () => now, nextTurn: async () => { onTurn() } })
  return { scheduler, advance: () => { now += 0.1 } }
}

t.test('yields to the event loop after each slice, and returns the result', async t => {
  let turns = 0
  const { scheduler, advance } = createScheduler(() => { turns++ })
  function * work (): Generator<void, string> {
    for (let i = 0; i < 30; i++) {
      advance()
      yield
    }
    return 'done'
  }
  t.equal(await runInSlices(work(), { scheduler, signal: new AbortController().signal }), 'done')
  t.ok(turns >= 5, `${turns} turns`)
})

t.test('ends a generator that is abandoned', async t => {
  const controller = new AbortController()
  const { scheduler, advance } = createScheduler(() => { controller.abort(new Error('left')) })
  let isClosed = false
  function * work (): Generator<void> {
    try {
      for (;;) {
        advance()
        yield
      }
    } finally {
      isClosed = true
    }
  }
  await t.rejects(runInSlices(work(), { scheduler, signal: controller.signal }), { message: 'left' })
  t.equal(isClosed, true)
})

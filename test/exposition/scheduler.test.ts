import t from 'tap'
import { Scheduler, BUSY_SLICE_BYTES } from '../../lib/exposition/scheduler.js'

/** An event loop whose turns take as long as the test says, and a clock on it. */
function setUp (turns: readonly number[]) {
  let now = 0
  let turn = 0
  const scheduler = new Scheduler({
    now: () => now,
    async nextTurn () {
      await null
      now += turns[turn++] ?? 0
    }
  })
  /** For how long a slice lasts that does so many bytes of work each 0.05 ms. */
  const sliceOf = (bytes: number): number => {
    const start = now
    while (!scheduler.isSliceOver) {
      now += 0.05
      scheduler.addWork(bytes)
    }
    return Math.round((now - start) * 100) / 100
  }
  return { scheduler, sliceOf, turns: () => turn, pass: (milliseconds: number) => { now += milliseconds } }
}

const CASES: ReadonlyArray<readonly [turn: number, bytesPerStep: number, slice: number, why: string]> = [
  [0.01, 0, 0.25, 'a free event loop, short slices'],
  [0.8, 0, 0.25, 'a turn that is not long'],
  [1, BUSY_SLICE_BYTES, 1, 'a turn of 1 ms, a slice that has done its part'],
  [5, BUSY_SLICE_BYTES, 1, 'a turn of 5 ms, likewise'],
  [50, BUSY_SLICE_BYTES, 4, 'a turn of 50 ms, a share of it'],
  [500, BUSY_SLICE_BYTES, 40, 'a turn of 500 ms, a share of it'],
  [1, BUSY_SLICE_BYTES / 40, 2, 'a slice that goes on until it has done its part'],
  [50, BUSY_SLICE_BYTES / 90, 4.5, 'one that has not done it after its share'],
  [1, 0, 10, 'one that does nothing to be seen, up to a limit']
]

for (const [turn, bytes, slice, why] of CASES) {
  t.test(`after a turn of ${turn} ms a slice lasts ${slice} ms: ${why}`, async t => {
    const { scheduler, sliceOf } = setUp([turn, turn])
    t.equal(sliceOf(bytes), 0.25, 'the first slice knows of no turn')
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, turn >= 1)
    t.ok(Math.abs(sliceOf(bytes) - slice) < 0.06)
  })
}

t.test('does not take its own slice for a turn of others', async t => {
  const { scheduler, pass } = setUp([0.1, 0.1])
  for (let i = 0; i < 2; i++) {
    pass(20)
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, false)
  }
})

t.test('measures a second turn where the first was short, since that was the end of one', async t => {
  for (const [turns, taken, isBusy] of [[[0.1, 20], 2, true], [[20, 0.1], 1, true], [[0.1, 0.1, 20], 2, false]] as const) {
    const { scheduler, turns: turnsTaken } = setUp(turns)
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, isBusy, turns.join())
    t.equal(turnsTaken(), taken)
    await scheduler.yieldTurn()
    t.equal(turnsTaken(), taken + 1, 'one at a time from then on')
  }
})

t.test('lets a slice that does nothing to be seen last longer in each turn, up to a limit', async t => {
  const { scheduler, sliceOf } = setUp(Array.from({ length: 8 }, () => 1))
  const seen: number[] = []
  for (let i = 0; i < 8; i++) {
    await scheduler.yieldTurn()
    seen.push(Math.round(sliceOf(0)))
  }
  t.strictSame(seen, [10, 20, 30, 40, 50, 60, 60, 60])
})

t.test('scrapes at the same time do not take each other for a busy event loop, and see others all the same', async t => {
  for (const [turn, isBusy] of [[0.1, false], [0.8, false], [1, true]] as const) {
    let now = 0
    let waiting: Array<() => void> = []
    const clocks = Array.from({ length: 10 }, () => new Scheduler({
      now: () => now,
      async nextTurn () { await new Promise<void>(resolve => { waiting.push(resolve) }) }
    }))
    const seen = clocks.map(() => false)
    const scrapes = clocks.map(async (scheduler, i) => {
      for (let slice = 0; slice < 5; slice++) {
        while (!scheduler.isSliceOver) {
          now += 0.05
          scheduler.addWork(BUSY_SLICE_BYTES)
        }
        await scheduler.yieldTurn()
        if (scheduler.isBusy) seen[i] = true
      }
    })
    while (waiting.length > 0) {
      const turns = waiting
      waiting = []
      now += turn
      for (const resolve of turns) {
        resolve()
        // One works until it waits again before the next one does, as in an event loop.
        for (let tick = 0; tick < 20; tick++) await null
      }
    }
    await Promise.all(scrapes)
    t.strictSame(seen, clocks.map(() => isBusy), `turns of ${turn} ms`)
  }
})

t.test('follows an event loop that becomes busy and, two turns later, free again', async t => {
  const { scheduler } = setUp([0.1, 0.1, 30, 0.1, 0.1])
  const seen: boolean[] = []
  for (let i = 0; i < 4; i++) {
    await scheduler.yieldTurn()
    seen.push(scheduler.isBusy)
  }
  t.strictSame(seen, [false, true, true, false])
})

t.test('remains busy over one short turn, with slices as long as before', async t => {
  const { scheduler, sliceOf } = setUp([50, 0.1, 50, 0.1])
  for (let i = 0; i < 4; i++) {
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, true)
    t.ok(Math.abs(sliceOf(BUSY_SLICE_BYTES) - 4) < 0.06)
  }
})

t.test('gives all who wait at the same time the same turn', async t => {
  const { scheduler, turns } = setUp([1, 1])
  await Promise.all([scheduler.yieldTurn(), scheduler.yieldTurn(), scheduler.yieldTurn()])
  t.equal(turns(), 1)
  await scheduler.yieldTurn()
  t.equal(turns(), 2)
})

t.test('waits for an event, and measures the first turns only, the longer of two', async t => {
  for (const [turns, isBusy] of [[[20, 0.1], true], [[0.1, 20], true], [[0.1, 0.1], false]] as const) {
    const { scheduler, pass, sliceOf } = setUp(turns)
    const event = new Promise<void>(resolve => {
      setImmediate(() => {
        pass(1000)
        resolve()
      })
    })
    await scheduler.waitFor(event)
    t.equal(scheduler.isBusy, isBusy, turns.join())
    t.ok(Math.abs(sliceOf(BUSY_SLICE_BYTES) - (isBusy ? 1.6 : 0.25)) < 0.06)
  }
  const { scheduler, turns } = setUp([20, 20])
  await scheduler.waitFor(Promise.resolve())
  t.equal(turns(), 1, 'one turn for what has happened by then')
})

t.test('ends a wait for what fails, and leaves the failure to others', async t => {
  const { scheduler } = setUp([])
  await t.resolves(scheduler.waitFor(Promise.reject(new Error('failed'))))
})

import t from 'tap'
import { Scheduler, BUSY_SLICE_BYTES } from '../../lib/exposition/scheduler.js'

/** A scheduler on an event loop whose turns last `turns` milliseconds. */
function setUp (turns: readonly number[]) {
  let now = 0
  let turn = 0
  const scheduler = new Scheduler({
    now: () => now,
    async nextTurn () {
      await Promise.resolve()
      now += turns[turn++] ?? 0
    }
  })
  /** The duration in milliseconds of a slice that writes `bytes` of text each 0.05 ms. */
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
  [0.01, 0, 0.25, 'the event loop is free'],
  [0.8, 0, 0.25, 'the event loop is almost free'],
  [1, BUSY_SLICE_BYTES, 1, 'the part is complete, the slice ends at the minimum'],
  [5, BUSY_SLICE_BYTES, 1, 'the part is complete, the slice ends at the minimum'],
  [50, BUSY_SLICE_BYTES, 4, 'the slice lasts a share of the turn'],
  [500, BUSY_SLICE_BYTES, 40, 'the slice lasts a share of the turn'],
  [1, BUSY_SLICE_BYTES / 40, 2, 'the slice continues until its part is complete'],
  [50, BUSY_SLICE_BYTES / 90, 4.5, 'the slice continues after its share until its part is complete'],
  [1, 0, 10, 'a slice without output ends at its limit']
]

for (const [turn, bytes, slice, why] of CASES) {
  t.test(`after a turn of ${turn} ms a slice lasts ${slice} ms: ${why}`, async t => {
    const { scheduler, sliceOf } = setUp([turn, turn])
    t.equal(sliceOf(bytes), 0.25, 'no turn is measured before the first slice')
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, turn >= 1)
    t.ok(Math.abs(sliceOf(bytes) - slice) < 0.06)
  })
}

t.test('does not count its own slice as work of others', async t => {
  const { scheduler, pass } = setUp([0.1, 0.1])
  for (let i = 0; i < 2; i++) {
    pass(20)
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, false)
  }
})

const FIRST_TURNS: ReadonlyArray<readonly [turns: readonly number[], waited: number, isBusy: boolean]> =
  [[[0.1, 20], 2, true], [[20, 0.1], 1, true], [[0.1, 0.1, 20], 2, false]]

t.test('measures a second turn if the first is short: the scrape may begin at the end of a turn', async t => {
  for (const [turns, waited, isBusy] of FIRST_TURNS) {
    const { scheduler, turns: waitedTurns } = setUp(turns)
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, isBusy, turns.join())
    t.equal(waitedTurns(), waited)
    await scheduler.yieldTurn()
    t.equal(waitedTurns(), waited + 1, 'then waits one turn at a time')
  }
})

t.test('extends slices without output in each turn, up to a limit', async t => {
  const { scheduler, sliceOf } = setUp(Array.from({ length: 8 }, () => 1))
  const seen: number[] = []
  for (let i = 0; i < 8; i++) {
    await scheduler.yieldTurn()
    seen.push(Math.round(sliceOf(0)))
  }
  t.strictSame(seen, [10, 20, 30, 40, 50, 60, 60, 60])
})

t.test('concurrent scrapes do not count each other as work of others, and detect a busy event loop', async t => {
  for (const [turn, isBusy] of [[0.1, false], [0.8, false], [1, true]] as const) {
    let now = 0
    let waiting: Array<() => void> = []
    const schedulers = Array.from({ length: 10 }, () => new Scheduler({
      now: () => now,
      async nextTurn () { await new Promise<void>(resolve => { waiting.push(resolve) }) }
    }))
    const wasBusy = schedulers.map(() => false)
    const scrapes = schedulers.map(async (scheduler, i) => {
      for (let slice = 0; slice < 5; slice++) {
        while (!scheduler.isSliceOver) {
          now += 0.05
          scheduler.addWork(BUSY_SLICE_BYTES)
        }
        await scheduler.yieldTurn()
        if (scheduler.isBusy) wasBusy[i] = true
      }
    })
    while (waiting.length > 0) {
      const turns = waiting
      waiting = []
      now += turn
      for (const resolve of turns) {
        resolve()
        // As in an event loop, a scrape works until it waits again before the next scrape begins.
        for (let tick = 0; tick < 20; tick++) await Promise.resolve()
      }
    }
    await Promise.all(scrapes)
    t.strictSame(wasBusy, schedulers.map(() => isBusy), `turns of ${turn} ms`)
  }
})

t.test('detects that the event loop becomes busy and, two turns later, that it is free again', async t => {
  const { scheduler } = setUp([0.1, 0.1, 30, 0.1, 0.1])
  const seen: boolean[] = []
  for (let i = 0; i < 4; i++) {
    await scheduler.yieldTurn()
    seen.push(scheduler.isBusy)
  }
  t.strictSame(seen, [false, true, true, false])
})

t.test('remains busy during one short turn, with slices of the same length', async t => {
  const { scheduler, sliceOf } = setUp([50, 0.1, 50, 0.1])
  for (let i = 0; i < 4; i++) {
    await scheduler.yieldTurn()
    t.equal(scheduler.isBusy, true)
    t.ok(Math.abs(sliceOf(BUSY_SLICE_BYTES) - 4) < 0.06)
  }
})

t.test('shares one turn among concurrent waits', async t => {
  const { scheduler, turns } = setUp([1, 1])
  await Promise.all([scheduler.yieldTurn(), scheduler.yieldTurn(), scheduler.yieldTurn()])
  t.equal(turns(), 1)
  await scheduler.yieldTurn()
  t.equal(turns(), 2)
})

t.test('waits for an event, and measures the longer of the first two turns', async t => {
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
  t.equal(turns(), 1, 'one turn for an event that has already happened')
})

t.test('ends a wait when the event rejects, and ignores the error', async t => {
  const { scheduler } = setUp([])
  await t.resolves(scheduler.waitFor(Promise.reject(new Error('failed'))))
})

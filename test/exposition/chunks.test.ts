import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Chunks } from '../../lib/exposition/chunks.js'
import type { CompressionMode } from '../../lib/exposition/chunks.js'
import { Scheduler, BUSY_SLICE_BYTES } from '../../lib/exposition/scheduler.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

interface Write {
  readonly bytes: number
  readonly mode: CompressionMode
  /** Resolves the write. */
  readonly accept: () => void
  /** Rejects the write. */
  readonly fail: (err: Error) => void
}

async function waitTurns (turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn()
}

/** Chunks on an event loop with turns of `turn` milliseconds, and a sink whose writes the test settles. */
async function setUp (turn: number, isCompressing = false) {
  let length = turn
  let now = 0
  const scheduler = new Scheduler({
    now: () => now,
    async nextTurn () {
      await nextTurn()
      now += length
    }
  })
  if (!isCompressing) await scheduler.yieldTurn()
  const controller = new AbortController()
  const writes: Write[] = []
  const sink = {
    signal: controller.signal,
    isCompressing,
    async write (chunk: Uint8Array, mode: CompressionMode) {
      const { promise, resolve, reject } = promiseWithResolvers()
      writes.push({ bytes: chunk.length, mode, accept: resolve, fail: reject })
      await promise
    }
  }
  const chunks = new Chunks(sink, scheduler)
  /** Writes until the chunk is full, as an encoder does. */
  const fill = (): void => {
    while (!chunks.isFull) {
      chunks.writer.reserve(30_000)
      chunks.writer.writeBlock(new Uint8Array(30_000))
      now += 0.03
    }
  }
  const setTurn = (turn: number): void => { length = turn }
  const abort = (): void => { controller.abort(new Error('aborted')) }
  return { chunks, scheduler, fill, writes, setTurn, abort }
}

/** By how many bytes a chunk may be larger than its target. */
const TOLERANCE = 30_000

const CHUNK_SIZES: ReadonlyArray<readonly [turn: number, bytes: number]> = [
  [0.1, 65_536],
  [1, BUSY_SLICE_BYTES],
  [5, BUSY_SLICE_BYTES],
  [45, BUSY_SLICE_BYTES],
  [50, 2 * BUSY_SLICE_BYTES],
  [500, 2 * BUSY_SLICE_BYTES]
]

t.test('makes chunks of 64 KB on a free event loop, of 1 MB on a busy one, of 2 MB with long turns', async t => {
  for (const [turn, bytes] of CHUNK_SIZES) {
    const { chunks, fill } = await setUp(turn)
    fill()
    const { length } = chunks.writer
    t.ok(length >= bytes && length < bytes + TOLERANCE, `turns of ${turn} ms: ${length}`)
  }
})

t.test('fills one buffer while the sink reads the other, and uses no third', async t => {
  for (const turn of [0.1, 1]) {
    const { chunks, fill, writes } = await setUp(turn)
    fill()
    await chunks.flush()
    fill()
    let flushed = false
    const second = chunks.flush().then(() => { flushed = true })
    await waitTurns(10)
    t.equal(flushed, false)
    t.equal(writes.length, 1)
    const waiting = (writes[0]?.bytes ?? NaN) + chunks.writer.length
    t.ok(waiting <= 2 * BUSY_SLICE_BYTES + 2 * TOLERANCE, 'no more than 2 MB wait')
    writes[0]?.accept()
    await second
    t.equal(writes.length, 2)
  }
})

t.test('waits for a chunk that leaves no space for another', async t => {
  const { chunks, fill, writes } = await setUp(500)
  fill()
  let flushed = false
  const first = chunks.flush().then(() => { flushed = true })
  await waitTurns(10)
  t.equal(flushed, false)
  writes[0]?.accept()
  await first
  t.equal(chunks.writer.length, 0)
})

t.test('waits no turn when the sink accepts a chunk immediately', async t => {
  const { chunks, scheduler, fill, writes } = await setUp(1)
  let turns = 0
  t.intercept(scheduler, 'waitFor', { value: async (event: Promise<unknown>) => { turns++; await event } })
  for (let i = 0; i < 3; i++) {
    fill()
    process.nextTick(() => { writes[i - 1]?.accept() })
    await chunks.flush()
  }
  t.equal(turns, 0)
})

t.test('finishes when the sink has accepted all chunks, and writes no empty chunk', async t => {
  const { chunks, fill, writes } = await setUp(0.1)
  await chunks.finish()
  t.equal(writes.length, 0)
  fill()
  let finished = false
  const finishing = chunks.finish().then(() => { finished = true })
  await waitTurns(5)
  t.equal(finished, false)
  writes[0]?.accept()
  await finishing
})

t.test('rejects when a write fails, and when the sink is aborted', async t => {
  const failing = await setUp(0.1)
  failing.fill()
  await failing.chunks.flush()
  failing.fill()
  const flushing = failing.chunks.flush()
  failing.writes[0]?.fail(new Error('failed'))
  await t.rejects(flushing, { message: 'failed' })

  const aborted = await setUp(0.1)
  aborted.fill()
  aborted.abort()
  await t.rejects(aborted.chunks.flush(), { message: 'aborted' })
  t.equal(aborted.writes.length, 0)
})

t.test('compresses in a thread on a free event loop, and inline on a busy one or for a small last chunk', async t => {
  for (const [turn, mode] of [[0.1, 'threaded'], [5, 'inline']] as const) {
    const { chunks, fill, writes } = await setUp(turn, true)
    fill()
    await chunks.flush()
    t.equal(writes[0]?.mode, mode, `turns of ${turn} ms`)
  }
  const { chunks, writes } = await setUp(0.1, true)
  chunks.writer.writeText('small 1\n')
  const finishing = chunks.finish()
  await waitTurns(2)
  t.equal(writes[0]?.mode, 'inline')
  writes[0]?.accept()
  await finishing
})

t.test('changes to inline compression as soon as the event loop is busy', async t => {
  const { chunks, fill, writes, setTurn } = await setUp(0.1, true)
  fill()
  await chunks.flush()
  setTurn(20)
  for (let i = 1; i < 3; i++) {
    fill()
    const flushing = chunks.flush()
    await nextTurn()
    writes[i - 1]?.accept()
    await flushing
  }
  t.strictSame(writes.map(({ mode }) => mode), ['threaded', 'inline', 'inline'])
})

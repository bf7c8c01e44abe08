import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Chunks } from '../../lib/exposition/chunks.js'
import type { CompressionMode } from '../../lib/exposition/chunks.js'
import { Scheduler, BUSY_SLICE_BYTES } from '../../lib/exposition/scheduler.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

/** Chunks on an event loop whose turns take as long as the test says, and a sink that takes each chunk when told to. */
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
  const leaving = new AbortController()
  const given: Array<{ readonly bytes: number, readonly work: CompressionMode, readonly take: () => void, readonly fail: (err: Error) => void }> = []
  const sink = {
    signal: leaving.signal,
    isCompressing,
    async write (chunk: Uint8Array, work: CompressionMode) {
      const { promise, resolve, reject } = promiseWithResolvers()
      given.push({ bytes: chunk.length, work, take: resolve, fail: reject })
      await promise
    }
  }
  const chunks = new Chunks(sink, scheduler)
  /** Writes until the chunk is full, as a renderer does. */
  const fill = (): void => {
    while (!chunks.isFull) {
      chunks.writer.reserve(30_000)
      chunks.writer.writeBlock(new Uint8Array(30_000))
      now += 0.03
    }
  }
  return { chunks, scheduler, fill, given, setTurn: (turn: number) => { length = turn }, leave: () => { leaving.abort(new Error('left')) } }
}

const NEAR = 30_000

t.test('chunks have 64 KB on a free event loop, 1 MB on a busy one, and 2 MB where turns are long', async t => {
  for (const [turn, bytes] of [[0.1, 65_536], [1, BUSY_SLICE_BYTES], [5, BUSY_SLICE_BYTES], [45, BUSY_SLICE_BYTES], [50, 2 * BUSY_SLICE_BYTES], [500, 2 * BUSY_SLICE_BYTES]] as const) {
    const { chunks, fill } = await setUp(turn)
    fill()
    t.ok(chunks.writer.length >= bytes && chunks.writer.length < bytes + NEAR, `turns of ${turn} ms: ${chunks.writer.length}`)
  }
})

t.test('writes one buffer while the sink reads the other, and no third', async t => {
  for (const turn of [0.1, 1]) {
    const { chunks, fill, given } = await setUp(turn)
    fill()
    await chunks.flush()
    fill()
    let handed = false
    const second = chunks.flush().then(() => { handed = true })
    for (let i = 0; i < 10; i++) await nextTurn()
    t.equal(handed, false)
    t.equal(given.length, 1)
    t.ok((given[0]?.bytes ?? NaN) + chunks.writer.length <= 2 * BUSY_SLICE_BYTES + 2 * NEAR, 'no more than 2 MB wait')
    given[0]?.take()
    await second
    t.equal(given.length, 2)
  }
})

t.test('waits for a chunk that leaves no room for another', async t => {
  const { chunks, fill, given } = await setUp(500)
  fill()
  let handed = false
  const first = chunks.flush().then(() => { handed = true })
  for (let i = 0; i < 10; i++) await nextTurn()
  t.equal(handed, false)
  given[0]?.take()
  await first
  t.equal(chunks.writer.length, 0)
})

t.test('takes no turn for a chunk that is taken at once', async t => {
  const { chunks, scheduler, fill, given } = await setUp(1)
  let turns = 0
  t.intercept(scheduler, 'waitFor', { value: async (event: Promise<unknown>) => { turns++; await event } })
  for (let i = 0; i < 3; i++) {
    fill()
    process.nextTick(() => { given[i - 1]?.take() })
    await chunks.flush()
  }
  t.equal(turns, 0)
})

t.test('ends when all is taken, and writes nothing where there is nothing', async t => {
  const { chunks, fill, given } = await setUp(0.1)
  await chunks.finish()
  t.equal(given.length, 0)
  fill()
  let finished = false
  const finishing = chunks.finish().then(() => { finished = true })
  for (let i = 0; i < 5; i++) await nextTurn()
  t.equal(finished, false)
  given[0]?.take()
  await finishing
})

t.test('fails with a chunk that fails, and when the reader has left', async t => {
  const failing = await setUp(0.1)
  failing.fill()
  await failing.chunks.flush()
  failing.fill()
  const handing = failing.chunks.flush()
  failing.given[0]?.fail(new Error('failed'))
  await t.rejects(handing, { message: 'failed' })

  const leaving = await setUp(0.1)
  leaving.fill()
  leaving.leave()
  await t.rejects(leaving.chunks.flush(), { message: 'left' })
  t.equal(leaving.given.length, 0)
})

t.test('lets a sink compress in a thread on a free event loop only, and what is small within the slice', async t => {
  for (const [turn, work] of [[0.1, 'threaded'], [5, 'inline']] as const) {
    const { chunks, fill, given } = await setUp(turn, true)
    fill()
    await chunks.flush()
    t.equal(given[0]?.work, work, `turns of ${turn} ms`)
  }
  const { chunks, given } = await setUp(0.1, true)
  chunks.writer.writeText('small 1\n')
  const finishing = chunks.finish()
  for (let i = 0; i < 2; i++) await nextTurn()
  t.equal(given[0]?.work, 'inline')
  given[0]?.take()
  await finishing
})

t.test('lets a sink compress within the slice as soon as the event loop is busy', async t => {
  const { chunks, fill, given, setTurn } = await setUp(0.1, true)
  fill()
  await chunks.flush()
  setTurn(20)
  for (let i = 1; i < 3; i++) {
    fill()
    const handing = chunks.flush()
    await nextTurn()
    given[i - 1]?.take()
    await handing
  }
  t.strictSame(given.map(({ work }) => work), ['threaded', 'inline', 'inline'])
})

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { ResponseSink } from '../../lib/endpoint/response-sink.js'
import type { SinkTarget } from '../../lib/endpoint/response-sink.js'
import { STALLED_AFTER } from '../../lib/endpoint/stall-detector.js'
import { openResponse } from '../fixtures/open-response.js'

const CASES = [[false, 'threaded'], [true, 'inline'], [true, 'threaded']] as const

type RequestAndResponse = Pick<SinkTarget, 'request' | 'response'>

const sinkFor = ({ request, response }: RequestAndResponse, gzip = false, writeHead = (): void => {}): ResponseSink =>
  new ResponseSink({ request, response, gzip, writeHead })

t.test('sends chunks although the caller overwrites each after its write', async t => {
  for (const [gzip, mode] of CASES) {
    const { request, response, read } = await openResponse(t)
    const sink = sinkFor({ request, response }, gzip)
    const chunk = Buffer.alloc(65_536)
    const reading = read()
    for (let i = 0; i < 20; i++) {
      chunk.fill(97 + i)
      await sink.write(chunk, mode)
    }
    await sink.end()
    const body = gzip ? gunzipSync(await reading) : await reading
    t.equal(body.length, 20 * 65_536)
    t.ok(body.every((byte, at) => byte === 97 + Math.floor(at / 65_536)))
  }
})

t.test('resolves a compressed write when at most 64 KB wait for the scraper', async t => {
  const { request, response, read } = await openResponse(t)
  const sink = sinkFor({ request, response }, true)
  const random = randomBytes(30_000_000)
  const writing = sink.write(random, 'threaded')
  while (response.writableLength < 5_000_000) await nextTurn()
  const reading = read()
  await writing
  t.ok(response.writableLength <= 65_536)
  await sink.end()
  t.ok(gunzipSync(await reading).equals(random))
})

t.test('rejects writes when the scraper disconnects before or during them', async t => {
  for (const [gzip, mode] of CASES) {
    const before = await openResponse(t)
    const sink = sinkFor(before, gzip)
    before.disconnect()
    await once(before.response, 'close')
    await t.rejects(sink.write(Buffer.alloc(10), mode), { message: 'the scraper has disconnected' })
    await t.rejects(sink.end(), { message: 'the scraper has disconnected' })

    const during = await openResponse(t)
    const slow = sinkFor(during, gzip)
    const writing = (async () => { for (;;) await slow.write(randomBytes(65_536), mode) })()
    setImmediate(() => { during.disconnect() })
    await t.rejects(writing, { message: 'the scraper has disconnected' })
  }
})

t.test('rejects a write after the end of the response, and aborts', async t => {
  const { request, response } = await openResponse(t)
  const sink = sinkFor({ request, response })
  response.end()
  await t.rejects(sink.write(Buffer.alloc(10), 'inline'))
  t.equal(sink.signal.aborted, true)
})

t.test('rejects a pending write when other code ends the response, and does not destroy it', async t => {
  const { request, response, read } = await openResponse(t)
  const sink = sinkFor({ request, response }, true)
  let destroyed = 0
  t.intercept(response, 'destroy', { value: () => { destroyed++ } })
  const writing = sink.write(randomBytes(20_000_000), 'threaded')
  response.end('other')
  await t.rejects(writing, { message: 'the scraper has disconnected' })
  t.equal((await read()).toString(), 'other')
  t.equal(sink.signal.aborted, true)
  t.equal(destroyed, 0)
})

t.test('rejects an invalid chunk, and does not wait for it', async t => {
  t.clock.enter()
  const { request, response } = await openResponse(t)
  for (const gzip of [false, true]) {
    const sink = sinkFor({ request, response }, gzip)
    await t.rejects(sink.write('no chunk' as never, 'inline').then(() => sink.write(5 as never, 'inline')))
    t.clock.advance(2 * STALLED_AFTER)
    await nextTurn()
    t.clock.advance(2 * STALLED_AFTER)
    t.equal(response.destroyed, false, 'the scraper is not disconnected')
  }
})

t.test('rejects a compressed write after the end', async t => {
  const { request, response } = await openResponse(t)
  const sink = sinkFor({ request, response }, true)
  await sink.write(Buffer.alloc(10), 'threaded')
  const ending = sink.end()
  ending.catch(() => {})
  await t.rejects(sink.write(Buffer.alloc(10), 'threaded'))
})

t.test('begins with the first chunk, and does not disconnect a scraper that reads slowly', async t => {
  const { request, response, read } = await openResponse(t)
  t.clock.enter()
  let begun = 0
  const sink = sinkFor({ request, response }, false, () => { begun++ })
  t.equal(sink.hasBegun, false)
  for (let i = 0; i < 3; i++) {
    await sink.write(Buffer.from('x'), 'inline')
    t.clock.advance(STALLED_AFTER - 1)
  }
  t.equal(begun, 1)
  await sink.end()
  t.equal((await read()).toString(), 'xxx')
})

t.test('disconnects a scraper only if it reads nothing more of a large chunk for too long', async t => {
  const { request, response, client, readPart, queueSettled } = await openResponse(t)
  t.clock.enter()
  const sink = sinkFor({ request, response })
  client.pause()
  const writing = sink.write(Buffer.alloc(50_000_000), 'inline')
  writing.catch(() => {})
  await readPart()
  t.clock.advance(STALLED_AFTER)
  t.equal(sink.signal.aborted, false)
  await queueSettled() // bytes that the client requested before the pause may still arrive
  t.clock.advance(STALLED_AFTER)
  await nextTurn()
  t.clock.advance(STALLED_AFTER)
  await t.rejects(writing, { message: 'the scraper has disconnected' })
  t.equal(sink.signal.aborted, true)
})

t.test('does not count the time of a compression thread as time of the scraper', async t => {
  const { request, response, read } = await openResponse(t)
  const sink = sinkFor({ request, response }, true)
  t.clock.enter()
  const writing = sink.write(randomBytes(1_000_000), 'threaded')
  t.clock.advance(3 * STALLED_AFTER)
  const reading = read()
  await writing
  await sink.end()
  t.equal(gunzipSync(await reading).length, 1_000_000)
})

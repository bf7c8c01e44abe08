import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { ResponseSink } from '../../lib/endpoint/response-sink.js'
import type { SinkTarget } from '../../lib/endpoint/response-sink.js'
import { STALLED_AFTER } from '../../lib/endpoint/stall-detector.js'
import { openResponse } from '../fixtures/open-response.js'

const WORKS = ['inline', 'threaded'] as const

const sinkFor = ({ request, response }: Pick<SinkTarget, 'request' | 'response'>, gzip = false, writeHead = (): void => {}): ResponseSink =>
  new ResponseSink({ request, response, gzip, writeHead })

t.test('sends chunks that are written over once they are taken', async t => {
  for (const [gzip, work] of [[false, 'threaded'], ...WORKS.map(work => [true, work] as const)] as const) {
    const { request, response, read } = await openResponse(t)
    const sink = sinkFor({ request, response }, gzip)
    const chunk = Buffer.alloc(65_536)
    const reading = read()
    for (let i = 0; i < 20; i++) {
      chunk.fill(97 + i)
      await sink.write(chunk, work)
    }
    await sink.end()
    const body = gzip ? gunzipSync(await reading) : await reading
    t.equal(body.length, 20 * 65_536)
    t.ok(Array.from({ length: 20 }, (_, i) => body.subarray(i * 65_536, (i + 1) * 65_536)).every((part, i) => part.every(byte => byte === 97 + i)))
  }
})

t.test('takes the next chunk when little waits of what the one before was compressed to', async t => {
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

t.test('rejects what is written when the scraper has left, before or meanwhile', async t => {
  for (const [gzip, work] of [[false, 'threaded'], ...WORKS.map(work => [true, work] as const)] as const) {
    const before = await openResponse(t)
    const sink = sinkFor(before, gzip)
    before.leave()
    await once(before.response, 'close')
    await t.rejects(sink.write(Buffer.alloc(10), work), { message: 'the scraper has disconnected' })
    await t.rejects(sink.end(), { message: 'the scraper has disconnected' })

    const meanwhile = await openResponse(t)
    const slow = sinkFor(meanwhile, gzip)
    const writing = (async () => { for (;;) await slow.write(Buffer.from(Array.from({ length: 65_536 }, () => Math.random() * 256)), work) })()
    setImmediate(() => meanwhile.leave())
    await t.rejects(writing, { message: 'the scraper has disconnected' })
  }
})

t.test('rejects what is written behind the end, and cuts it off', async t => {
  const { request, response } = await openResponse(t)
  const sink = sinkFor({ request, response })
  response.end()
  await t.rejects(sink.write(Buffer.alloc(10), 'inline'))
  t.equal(sink.signal.aborted, true)
})

t.test('ends what is under way when others complete the response, and leaves that alone', async t => {
  const { request, response, read } = await openResponse(t)
  const sink = sinkFor({ request, response }, true)
  let destroyed = 0
  t.intercept(response, 'destroy', { value: () => { destroyed++ } })
  const writing = sink.write(randomBytes(20_000_000), 'threaded')
  response.end('answered')
  await t.rejects(writing, { message: 'the scraper has disconnected' })
  t.equal((await read()).toString(), 'answered')
  t.equal(sink.signal.aborted, true)
  t.equal(destroyed, 0)
})

t.test('rejects a chunk that cannot be handed on, and waits no longer for it', async t => {
  t.clock.enter()
  const { request, response } = await openResponse(t)
  for (const gzip of [false, true]) {
    const sink = sinkFor({ request, response }, gzip)
    await t.rejects(sink.write('no chunk' as never, 'inline').then(() => sink.write(5 as never, 'inline')))
    t.clock.advance(2 * STALLED_AFTER)
    await nextTurn()
    t.clock.advance(2 * STALLED_AFTER)
    t.equal(response.destroyed, false, 'as it is when somebody waits for nothing')
  }
})

t.test('rejects what is compressed behind the end', async t => {
  const { request, response } = await openResponse(t)
  const sink = sinkFor({ request, response }, true)
  await sink.write(Buffer.alloc(10), 'threaded')
  const ending = sink.end()
  ending.catch(() => {})
  await t.rejects(sink.write(Buffer.alloc(10), 'threaded'))
})

t.test('begins with the first chunk, and is patient with a scraper that takes some now and then', async t => {
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

t.test('disconnects a scraper that reads nothing for too long', async t => {
  const { request, response, client, queueSettled } = await openResponse(t)
  t.clock.enter()
  const sink = sinkFor({ request, response })
  client.pause()
  const writing = sink.write(Buffer.alloc(50_000_000), 'inline')
  writing.catch(() => {})
  await queueSettled()
  t.clock.advance(STALLED_AFTER)
  await nextTurn()
  t.clock.advance(STALLED_AFTER)
  await t.rejects(writing, { message: 'the scraper has disconnected' })
  t.equal(sink.signal.aborted, true)
})

t.test('does not take the time of a thread for that of the scraper', async t => {
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

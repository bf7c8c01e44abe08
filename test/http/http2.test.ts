import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { connect, constants, createServer } from 'node:http2'
import type { ClientHttp2Stream, Http2Stream, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { onceStreamEnded, streamOf } from '../../lib/http/http2.js'
import { listenOnLoopback } from '../fixtures/loopback.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

/** More than a client that reads nothing takes. */
const MUCH = Buffer.alloc(1_000_000)

type Answer = (stream: ServerHttp2Stream) => void

/** A server that answers so, over one session; `request` settles when a stream of it is followed. */
async function setUp (t: Test, answer: Answer) {
  const server = createServer()
  const session = connect(await listenOnLoopback(t, server))
  const [served]: ServerHttp2Session[] = await once(server, 'session')
  t.teardown(() => {
    session.destroy()
    // It would wait for a stream that Node has forgotten.
    served?.destroy()
  })
  return {
    served: served as ServerHttp2Session,
    async request (body?: Buffer): Promise<{ client: ClientHttp2Stream, responded: Promise<unknown>, over: Promise<void> }> {
      const client = session.request({ ':method': body === undefined ? 'GET' : 'POST' })
      client.on('error', () => {})
      if (body !== undefined) client.write(body)
      const responded = once(client, 'response')
      responded.catch(() => {})
      const [stream]: ServerHttp2Stream[] = await once(server, 'stream')
      const over = new Promise<void>(resolve => onceStreamEnded(stream as ServerHttp2Stream, resolve))
      stream?.on('error', () => {})
      answer(stream as ServerHttp2Stream)
      return { client, responded, over }
    }
  }
}

t.test('a stream whose response was not ended is over as soon as its client resets it', async t => {
  const aborted = promiseWithResolvers<boolean>()
  const { request } = await setUp(t, stream => {
    let isOver = false
    onceStreamEnded(stream, () => { isOver = true })
    stream.once('aborted', () => aborted.resolve(isOver))
    stream.write(MUCH)
  })
  const { client, responded } = await request()
  await responded
  client.close()
  t.ok(await aborted.promise)
})

t.test('a stream is over when all has been sent', async t => {
  const { request } = await setUp(t, stream => stream.end('x'))
  const { client, over } = await request()
  client.resume()
  await t.resolves(over)
})

t.test('a stream is over when its client resets it, with an error or without, while bytes wait to be sent', async t => {
  for (const [name, answer] of Object.entries<Answer>({ written: stream => stream.write(MUCH), ended: stream => stream.end(MUCH) })) {
    const { request, served } = await setUp(t, answer)
    for (const code of [0, 8]) {
      const { client, responded, over } = await request()
      await responded
      client.close(code)
      await over
      t.notOk(served.destroyed, `${name} and reset with ${code}`)
    }
  }
})

t.test('a stream is over when its client resets it without an error before its body was read', async t => {
  const { request, served } = await setUp(t, stream => stream.respond())
  const { client, responded, over } = await request(MUCH)
  await responded
  client.close()
  await over
  t.notOk(served.destroyed)
})

t.test('a stream that its server has closed is over when all has been sent, however late', async t => {
  const { request } = await setUp(t, stream => {
    stream.end(MUCH)
    stream.close()
  })
  const { client, responded, over } = await request()
  await responded
  let isOver = false
  over.then(() => { isOver = true })
  // Longer than it takes to find one that is forgotten.
  await delay(1200)
  t.notOk(isOver)
  client.resume()
  await t.resolves(over)
})

/** A stream as its session knows it, followed by a module of its own, whose looks the clock of the test drives. */
async function followFake (t: Test) {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const { onceStreamEnded } = await t.mockImport<typeof import('../../lib/http/http2.js')>(import.meta.resolve('../../lib/http/http2.js'))
  const follow = () => {
    const stream = Object.assign(new EventEmitter(), { closed: false, state: { state: constants.NGHTTP2_STREAM_STATE_OPEN } })
    const told: unknown[] = []
    onceStreamEnded(stream as unknown as Http2Stream, () => { told.push(store.getStore()) })
    return { stream, told }
  }
  return { follow, look: () => t.clock.advance(500) }
}

const store = new AsyncLocalStorage<string>()

const forget = (stream: object): object => Object.assign(stream, { closed: true, state: { state: constants.NGHTTP2_STREAM_STATE_IDLE } })

t.test('tells once', async t => {
  const { follow, look } = await followFake(t)
  const { stream, told } = follow()
  stream.emit('aborted')
  t.equal(told.length, 1)
  stream.emit('close')
  forget(stream)
  look()
  look()
  t.equal(told.length, 1)
})

t.test('tells of one that is over already, but not before it returns', async t => {
  for (const state of [{ aborted: true }, { destroyed: true }]) {
    const told: string[] = []
    onceStreamEnded(Object.assign(new EventEmitter(), state) as unknown as Http2Stream, () => { told.push('over') })
    t.strictSame(told, [])
    await new Promise(resolve => { setImmediate(resolve) })
    t.strictSame(told, ['over'])
  }
})

t.test('finds one that is forgotten at the second look, since the first may come just before it tells', async t => {
  const { follow, look } = await followFake(t)
  const { stream, told } = follow()
  look()
  forget(stream)
  look()
  t.strictSame(told, [])
  look()
  t.equal(told.length, 1)
})

t.test('leaves one alone that is closed but known, or not closed', async t => {
  const { follow, look } = await followFake(t)
  const closed = follow()
  closed.stream.closed = true
  const open = follow()
  Object.assign(open.stream.state, { state: constants.NGHTTP2_STREAM_STATE_IDLE })
  for (let i = 0; i < 5; i++) look()
  t.strictSame([closed.told, open.told], [[], []])
})

t.test('looks only while there are streams, and anew when there are', async t => {
  const { follow, look } = await followFake(t)
  const timers = { set: 0, cleared: 0 }
  const { setInterval, clearInterval } = globalThis
  t.intercept(globalThis, 'setInterval', { value: (...args: Parameters<typeof setInterval>) => { timers.set++; return setInterval(...args) } })
  t.intercept(globalThis, 'clearInterval', { value: (timer: NodeJS.Timeout) => { timers.cleared++; clearInterval(timer) } })
  for (const round of [1, 2]) {
    const streams = [follow().stream, follow().stream]
    look()
    t.strictSame(timers, { set: round, cleared: round - 1 })
    for (const stream of streams) stream.emit('close')
    look()
    t.strictSame(timers, { set: round, cleared: round })
  }
})

t.test('tells where the stream was followed, also when a look of another finds it', async t => {
  const { follow, look } = await followFake(t)
  const [first, second] = ['first', 'second'].map(name => store.run(name, follow))
  for (const one of [first, second]) forget(one!.stream)
  look()
  look()
  t.strictSame([first?.told, second?.told], [['first'], ['second']])
})

t.test('only messages of HTTP/2 have a stream', async t => {
  const stream = {}
  t.equal(streamOf({ stream }), stream)
  t.equal(streamOf({}), undefined)
})

import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { connect, constants, createServer } from 'node:http2'
import type { ClientHttp2Stream, Http2Stream, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { onceStreamEnded, streamOf } from '../../lib/http/http2.js'
import { listenOnLoopback } from '../fixtures/loopback.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

/** More than fits into the buffers of a client that reads nothing. */
const LARGE_BODY = Buffer.alloc(1_000_000)

type Respond = (stream: ServerHttp2Stream) => void

interface ClientRequest {
  readonly client: ClientHttp2Stream
  readonly responded: Promise<unknown>
  readonly ended: Promise<void>
}

/** A server that responds with `respond`, and a session; `request` resolves when its stream is watched. */
async function setUp (t: Test, respond: Respond) {
  const server = createServer()
  const session = connect(await listenOnLoopback(t, server))
  const [serverSession]: ServerHttp2Session[] = await once(server, 'session')
  t.teardown(() => {
    session.destroy()
    // Otherwise it waits for a stream that nghttp2 has dropped.
    serverSession?.destroy()
  })
  return {
    serverSession: serverSession as ServerHttp2Session,
    async request (body?: Buffer): Promise<ClientRequest> {
      const client = session.request({ ':method': body === undefined ? 'GET' : 'POST' })
      client.on('error', () => {})
      if (body !== undefined) client.write(body)
      const responded = once(client, 'response')
      responded.catch(() => {})
      const [stream]: ServerHttp2Stream[] = await once(server, 'stream')
      const ended = new Promise<void>(resolve => onceStreamEnded(stream as ServerHttp2Stream, resolve))
      stream?.on('error', () => {})
      respond(stream as ServerHttp2Stream)
      return { client, responded, ended }
    }
  }
}

t.test('a stream with an incomplete response ends as soon as its client resets it', async t => {
  const aborted = promiseWithResolvers<boolean>()
  const { request } = await setUp(t, stream => {
    let isEnded = false
    onceStreamEnded(stream, () => { isEnded = true })
    stream.once('aborted', () => aborted.resolve(isEnded))
    stream.write(LARGE_BODY)
  })
  const { client, responded } = await request()
  await responded
  client.close()
  t.ok(await aborted.promise)
})

t.test('a stream ends when all bytes were sent', async t => {
  const { request } = await setUp(t, stream => stream.end('x'))
  const { client, ended } = await request()
  client.resume()
  await t.resolves(ended)
})

t.test('a stream ends when its client resets it, with or without an error, while bytes wait to be sent', async t => {
  const responses: Readonly<Record<string, Respond>> = {
    written: stream => stream.write(LARGE_BODY),
    ended: stream => stream.end(LARGE_BODY)
  }
  for (const [name, respond] of Object.entries(responses)) {
    const { request, serverSession } = await setUp(t, respond)
    for (const code of [0, 8]) {
      const { client, responded, ended } = await request()
      await responded
      client.close(code)
      await ended
      t.notOk(serverSession.destroyed, `${name} and reset with ${code}`)
    }
  }
})

t.test('a stream ends when its client resets it without an error before its body was read', async t => {
  const { request, serverSession } = await setUp(t, stream => stream.respond())
  const { client, responded, ended } = await request(LARGE_BODY)
  await responded
  client.close()
  await ended
  t.notOk(serverSession.destroyed)
})

t.test('a stream that its server has closed ends when all bytes were sent, even after several polls', async t => {
  const { request } = await setUp(t, stream => {
    stream.end(LARGE_BODY)
    stream.close()
  })
  const { client, responded, ended } = await request()
  await responded
  let isEnded = false
  const noted = ended.then(() => { isEnded = true })
  // A dropped stream is detected in less time.
  await sleep(1200)
  t.notOk(isEnded)
  client.resume()
  await t.resolves(noted)
})

let instances = 0

/** Watches fake streams with a new instance of the module; the clock of the test drives its polls. */
async function setUpFakeStreams (t: Test) {
  // Each query loads another instance. `t.mockImport` does the same, but hangs at its second call on Node 20.20.2.
  const specifier = `../../lib/http/http2.js?instance=${++instances}`
  const { onceStreamEnded } = await import(specifier) as typeof import('../../lib/http/http2.js')
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const watch = () => {
    const state = { state: constants.NGHTTP2_STREAM_STATE_OPEN }
    const stream = Object.assign(new EventEmitter(), { closed: false, state })
    // The async context of each call of the listener.
    const contexts: unknown[] = []
    onceStreamEnded(stream as unknown as Http2Stream, () => { contexts.push(context.getStore()) })
    return { stream, contexts }
  }
  return { watch, poll: () => t.clock.advance(500) }
}

const context = new AsyncLocalStorage<string>()

/** Gives a fake stream the state of one that nghttp2 has dropped. */
function drop (stream: object): void {
  Object.assign(stream, { closed: true, state: { state: constants.NGHTTP2_STREAM_STATE_IDLE } })
}

t.test('calls the listener once', async t => {
  const { watch, poll } = await setUpFakeStreams(t)
  const { stream, contexts } = watch()
  stream.emit('aborted')
  t.equal(contexts.length, 1)
  stream.emit('close')
  drop(stream)
  poll()
  poll()
  t.equal(contexts.length, 1)
})

t.test('calls the listener for a stream that has ended before, but not synchronously', async t => {
  for (const state of [{ aborted: true }, { destroyed: true }]) {
    let calls = 0
    onceStreamEnded(Object.assign(new EventEmitter(), state) as unknown as Http2Stream, () => { calls++ })
    t.equal(calls, 0)
    await new Promise(resolve => { setImmediate(resolve) })
    t.equal(calls, 1)
  }
})

t.test('detects a dropped stream at the second poll, since the first may run just before its event', async t => {
  const { watch, poll } = await setUpFakeStreams(t)
  const { stream, contexts } = watch()
  poll()
  drop(stream)
  poll()
  t.strictSame(contexts, [])
  poll()
  t.equal(contexts.length, 1)
})

t.test('does not end a stream that is closed but not idle, or idle but not closed', async t => {
  const { watch, poll } = await setUpFakeStreams(t)
  const closed = watch()
  closed.stream.closed = true
  const open = watch()
  Object.assign(open.stream.state, { state: constants.NGHTTP2_STREAM_STATE_IDLE })
  for (let i = 0; i < 5; i++) poll()
  t.strictSame([closed.contexts, open.contexts], [[], []])
})

t.test('polls only while it watches streams, and starts again with the next stream', async t => {
  const { watch, poll } = await setUpFakeStreams(t)
  const timers = { set: 0, cleared: 0 }
  const { setInterval, clearInterval } = globalThis
  t.intercept(globalThis, 'setInterval', {
    value: (...args: Parameters<typeof setInterval>) => { timers.set++; return setInterval(...args) }
  })
  t.intercept(globalThis, 'clearInterval', {
    value: (timer: NodeJS.Timeout) => { timers.cleared++; clearInterval(timer) }
  })
  for (const round of [1, 2]) {
    const streams = [watch().stream, watch().stream]
    poll()
    t.strictSame(timers, { set: round, cleared: round - 1 })
    for (const stream of streams) stream.emit('close')
    poll()
    t.strictSame(timers, { set: round, cleared: round })
  }
})

t.test('calls each listener in the async context in which it was added, also from a shared poll', async t => {
  const { watch, poll } = await setUpFakeStreams(t)
  const first = context.run('first', watch)
  const second = context.run('second', watch)
  drop(first.stream)
  drop(second.stream)
  poll()
  poll()
  t.strictSame([first.contexts, second.contexts], [['first'], ['second']])
})

t.test('only HTTP/2 messages have a stream', async t => {
  const stream = {}
  t.equal(streamOf({ stream }), stream)
  t.equal(streamOf({}), undefined)
})

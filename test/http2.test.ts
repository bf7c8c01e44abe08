import { once } from 'node:events'
import { connect, createServer } from 'node:http2'
import type { ClientHttp2Stream, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { onceOver, streamOf } from '../lib/http2.js'
import { promiseWithResolvers } from './fixtures/promise-with-resolvers.js'

/** More than a client that reads nothing takes. */
const MUCH = Buffer.alloc(1_000_000)

type Answer = (stream: ServerHttp2Stream) => void

/** A server that answers so, over one session; `request` settles when a stream of it is followed. */
async function setUp (t: Test, answer: Answer) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address of this type.
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [served]: ServerHttp2Session[] = await once(server, 'session')
  t.teardown(() => {
    session.destroy()
    // It would wait for a stream that Node has forgotten.
    served?.destroy()
    server.close()
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
      const over = new Promise<void>(resolve => onceOver(stream as ServerHttp2Stream, resolve))
      stream?.on('error', () => {})
      answer(stream as ServerHttp2Stream)
      return { client, responded, over }
    }
  }
}

t.test('a stream is over as soon as its client resets it, unless its response was ended', async t => {
  const aborted = promiseWithResolvers<boolean>()
  const { request } = await setUp(t, stream => {
    let isOver = false
    onceOver(stream, () => { isOver = true })
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

t.test('a stream is not over while its client waits', async t => {
  const { request } = await setUp(t, stream => stream.end(MUCH))
  const { client, responded, over } = await request()
  await responded
  let isOver = false
  over.then(() => { isOver = true })
  await delay(1200)
  t.notOk(isOver)
  client.close()
  await t.resolves(over)
})

t.test('only messages of HTTP/2 have a stream', async t => {
  const stream = {}
  t.equal(streamOf({ stream }), stream)
  t.equal(streamOf({}), undefined)
})

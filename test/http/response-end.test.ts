import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { isResponseEnded, onceResponseEnded } from '../../lib/http/response-end.js'
import { listenOnLoopback } from '../fixtures/loopback.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A server, a client, and what has arrived from it: as many requests as are asked for at once. */
async function setUp (t: Test, requests: number): Promise<{ readonly client: Socket, readonly arrived: readonly Exchange[], readonly served: Socket }> {
  const server = createServer()
  const client = await openRawConnection(await listenOnLoopback(t, server))
  t.teardown(() => client.destroy())
  const arrived: Exchange[] = []
  const all = new Promise<void>(resolve => {
    server.on('request', (request, response) => {
      if (arrived.push({ request, response }) === requests) resolve()
    })
  })
  client.write(REQUEST.repeat(requests))
  await all
  return { client, arrived, served: arrived[0]?.request.socket as Socket }
}

/** Follows a response, and keeps what is told of it. */
function follow ({ request, response }: Exchange): { readonly told: boolean[], readonly over: Promise<boolean> } {
  const told: boolean[] = []
  const over = new Promise<boolean>(resolve => {
    onceResponseEnded(request, response, isComplete => {
      told.push(isComplete)
      resolve(isComplete)
    })
  })
  return { told, over }
}

t.test('tells once that a response was sent', async t => {
  const { client, arrived: [exchange], served } = await setUp(t, 1)
  const { told, over } = follow(exchange!) // it has arrived
  t.equal(isResponseEnded(exchange!.request, exchange!.response), false)
  exchange!.response.end('x')
  t.equal(await over, true)
  t.equal(isResponseEnded(exchange!.request, exchange!.response), true)
  client.end()
  if (!served.closed) await once(served, 'close')
  await nextTurn()
  t.strictSame(told, [true])
})

t.test('tells once that the client has left, whether something was sent or not', async t => {
  for (const sent of ['', 'some']) {
    const { client, arrived: [exchange] } = await setUp(t, 1)
    if (sent !== '') exchange!.response.write(sent)
    const { told, over } = follow(exchange!)
    client.destroy()
    t.equal(await over, false)
    await nextTurn()
    t.strictSame(told, [false])
    t.equal(isResponseEnded(exchange!.request, exchange!.response), true)
  }
})

t.test('does not take a response for sent whose last bytes wait when the client leaves', async t => {
  const { client, arrived: [exchange] } = await setUp(t, 1)
  const { told, over } = follow(exchange!)
  client.pause()
  exchange!.response.end(Buffer.alloc(20_000_000))
  await nextTurn()
  client.destroy()
  t.equal(await over, false)
  await nextTurn()
  t.strictSame(told, [false])
})

t.test('tells of a response whose client had left before, but not before it returns', async t => {
  const { client, arrived: [exchange], served } = await setUp(t, 1)
  client.destroy()
  await once(served, 'close')
  await nextTurn()
  const { told, over } = follow(exchange!)
  t.strictSame(told, [])
  t.equal(await over, false)
})

t.test('tells of responses that are queued behind an earlier one, by one listener on their socket', async t => {
  const { client, arrived, served } = await setUp(t, 200)
  const before = served.listenerCount('close')
  const followed = arrived.map(follow)
  t.equal(served.listenerCount('close'), before + 1)
  for (const { response } of arrived.slice(50)) response.end('x')
  for (const { response } of arrived.slice(0, 10)) response.end('x')
  t.strictSame(await Promise.all(followed.slice(0, 10).map(async ({ over }) => await over)), Array(10).fill(true))
  t.equal(followed.filter(({ told }) => told.length > 0).length, 10)
  client.destroy()
  const rest = await Promise.all(followed.slice(10).map(async ({ over }) => await over))
  t.ok(rest.every(isComplete => !isComplete))
  t.ok(followed.every(({ told }) => told.length === 1))
})

t.test('tells of an injected response', async t => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  const told: Array<[string, boolean]> = []
  fastify.get('/:way', async (request, reply) => {
    onceResponseEnded(request.raw, reply.raw, isComplete => { told.push([request.url, isComplete]) })
    if (request.url === '/sent') return await reply.send('x')
    reply.hijack()
    return reply.raw.destroy()
  })
  await fastify.inject('/sent')
  await t.rejects(async () => await fastify.inject('/destroyed'))
  t.strictSame(told, [['/sent', true], ['/destroyed', false]])
})

t.test('tells over HTTP/2 of what was sent, of what is reset, and of what had been reset before', async t => {
  const server = createHttp2Server()
  const session = connect(await listenOnLoopback(t, server))
  t.teardown(() => session.destroy())
  for (const [when, expected] of [['sent', true], ['reset', false], ['reset before', false]] as const) {
    const client = session.request()
    client.on('error', () => {})
    const [request, response] = await once(server, 'request') as [Http2ServerRequest, Http2ServerResponse]
    const exchange = { request, response } as unknown as Exchange
    if (when === 'reset before') {
      client.close()
      if (!response.stream.destroyed) await once(response.stream, 'close')
      await nextTurn()
      t.equal(isResponseEnded(exchange.request, exchange.response), true)
    }
    const { told, over } = follow(exchange)
    if (when === 'sent') {
      response.end('x')
      client.resume()
    } else client.close()
    t.equal(await over, expected, when)
    await nextTurn()
    t.equal(told.length, 1)
  }
})

t.test('keeps nothing on a connection over many requests', async t => {
  const server = createServer((request, response) => {
    onceResponseEnded(request, response, () => {})
    response.end('x')
  })
  const connected = once(server, 'connection') as Promise<[Socket]>
  const client = await openRawConnection(await listenOnLoopback(t, server))
  t.teardown(() => client.destroy())
  const [served] = await connected
  const before = served.listenerCount('close')
  for (let i = 0; i < 30; i++) {
    client.write(REQUEST)
    await readData(client)
  }
  t.equal(served.listenerCount('close'), before)
})

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

interface Setup {
  readonly client: Socket
  readonly exchanges: readonly Exchange[]
  readonly serverSocket: Socket
}

/** Starts a server and a client, and waits until all pipelined requests of the client have arrived. */
async function setUp (t: Test, requests: number): Promise<Setup> {
  const server = createServer()
  const client = await openRawConnection(await listenOnLoopback(t, server))
  t.teardown(() => client.destroy())
  const exchanges: Exchange[] = []
  const arrived = new Promise<void>(resolve => {
    server.on('request', (request, response) => {
      if (exchanges.push({ request, response }) === requests) resolve()
    })
  })
  client.write(REQUEST.repeat(requests))
  await arrived
  return { client, exchanges, serverSocket: exchanges[0]?.request.socket as Socket }
}

/** Watches a response, and records each call of the listener. */
function watch ({ request, response }: Exchange): { readonly calls: boolean[], readonly ended: Promise<boolean> } {
  const calls: boolean[] = []
  const ended = new Promise<boolean>(resolve => {
    onceResponseEnded(request, response, isComplete => {
      calls.push(isComplete)
      resolve(isComplete)
    })
  })
  return { calls, ended }
}

t.test('calls the listener once when a response was sent', async t => {
  const { client, exchanges: [exchange], serverSocket } = await setUp(t, 1)
  const { calls, ended } = watch(exchange!) // it has arrived
  t.equal(isResponseEnded(exchange!.request, exchange!.response), false)
  exchange!.response.end('x')
  t.equal(await ended, true)
  t.equal(isResponseEnded(exchange!.request, exchange!.response), true)
  client.end()
  if (!serverSocket.closed) await once(serverSocket, 'close')
  await nextTurn()
  t.strictSame(calls, [true])
})

t.test('calls the listener once when the client disconnects, before and after the first bytes', async t => {
  for (const sent of ['', 'some']) {
    const { client, exchanges: [exchange] } = await setUp(t, 1)
    if (sent !== '') exchange!.response.write(sent)
    const { calls, ended } = watch(exchange!)
    client.destroy()
    t.equal(await ended, false)
    await nextTurn()
    t.strictSame(calls, [false])
    t.equal(isResponseEnded(exchange!.request, exchange!.response), true)
  }
})

t.test('reports a response as incomplete when the client disconnects before its last bytes are sent', async t => {
  const { client, exchanges: [exchange] } = await setUp(t, 1)
  const { calls, ended } = watch(exchange!)
  client.pause()
  exchange!.response.end(Buffer.alloc(20_000_000))
  await nextTurn()
  client.destroy()
  t.equal(await ended, false)
  await nextTurn()
  t.strictSame(calls, [false])
})

t.test('calls the listener when the client has disconnected before, but not synchronously', async t => {
  const { client, exchanges: [exchange], serverSocket } = await setUp(t, 1)
  client.destroy()
  await once(serverSocket, 'close')
  await nextTurn()
  const { calls, ended } = watch(exchange!)
  t.strictSame(calls, [])
  t.equal(await ended, false)
})

t.test('reports the end of responses queued behind an earlier one, with one listener on their socket', async t => {
  const { client, exchanges, serverSocket } = await setUp(t, 200)
  const before = serverSocket.listenerCount('close')
  const watched = exchanges.map(watch)
  t.equal(serverSocket.listenerCount('close'), before + 1)
  for (const { response } of exchanges.slice(50)) response.end('x')
  for (const { response } of exchanges.slice(0, 10)) response.end('x')
  t.strictSame(await Promise.all(watched.slice(0, 10).map(async ({ ended }) => await ended)), Array(10).fill(true))
  t.equal(watched.filter(({ calls }) => calls.length > 0).length, 10)
  client.destroy()
  const rest = await Promise.all(watched.slice(10).map(async ({ ended }) => await ended))
  t.ok(rest.every(isComplete => !isComplete))
  t.ok(watched.every(({ calls }) => calls.length === 1))
})

t.test('reports the end of an injected response', async t => {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  const calls: Array<[string, boolean]> = []
  fastify.get('/:outcome', async (request, reply) => {
    onceResponseEnded(request.raw, reply.raw, isComplete => { calls.push([request.url, isComplete]) })
    if (request.url === '/sent') return await reply.send('x')
    reply.hijack()
    return reply.raw.destroy()
  })
  await fastify.inject('/sent')
  await t.rejects(async () => await fastify.inject('/destroyed'))
  t.strictSame(calls, [['/sent', true], ['/destroyed', false]])
})

t.test('over HTTP/2, reports whether a response was sent, is reset, or was reset before', async t => {
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
    const { calls, ended } = watch(exchange)
    if (when === 'sent') {
      response.end('x')
      client.resume()
    } else client.close()
    t.equal(await ended, expected, when)
    await nextTurn()
    t.equal(calls.length, 1)
  }
})

t.test('leaves no listener on a connection that serves many requests', async t => {
  const server = createServer((request, response) => {
    onceResponseEnded(request, response, () => {})
    response.end('x')
  })
  const connected = once(server, 'connection') as Promise<[Socket]>
  const client = await openRawConnection(await listenOnLoopback(t, server))
  t.teardown(() => client.destroy())
  const [serverSocket] = await connected
  const before = serverSocket.listenerCount('close')
  for (let i = 0; i < 30; i++) {
    client.write(REQUEST)
    await readData(client)
  }
  t.equal(serverSocket.listenerCount('close'), before)
})

import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { ServerResponse } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { onceHeadWritten } from '../../lib/requests/response-head.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { samples } from '../fixtures/samples.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import type { Transport } from '../fixtures/transports.js'

const config = { metrics: { until: 'headers' } } as const
const FILE = fileURLToPath(import.meta.url)

interface Case {
  readonly name: string
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown
  readonly status: number
  readonly exceptions?: number
  readonly method?: 'HEAD'
  /** All unless said. */
  readonly transports?: readonly Transport[]
}

const http1 = (reply: FastifyReply): ServerResponse => reply.raw
const http2 = (reply: FastifyReply): Http2ServerResponse => reply.raw as unknown as Http2ServerResponse // over HTTP/2 it is one
const streamOf = (reply: FastifyReply): ServerHttp2Stream => http2(reply).stream

function failing (): never {
  throw new Error('boom')
}

const cases: readonly Case[] = [
  { name: 'a payload', handler: async () => 'ok', status: 200 },
  { name: 'no payload', handler: (_request, reply) => reply.code(204).send(), status: 204 },
  { name: 'a 304', handler: (_request, reply) => reply.code(304).send(), status: 304 },
  { name: 'a HEAD request', handler: async () => 'ok', status: 200, method: 'HEAD' },
  { name: 'an error of the handler', handler: async () => failing(), status: 500, exceptions: 1 },
  { name: 'a client error', handler: async () => { throw Object.assign(new Error('bad'), { statusCode: 400 }) }, status: 400 },
  { name: 'a 503 that is sent', handler: (_request, reply) => reply.code(503).send('full'), status: 503 },
  {
    name: 'a stream that fails before its first byte',
    handler: (_request, reply) => {
      const stream = new PassThrough()
      setImmediate(() => stream.destroy(new Error('boom')))
      return reply.send(stream)
    },
    status: 500,
    exceptions: 1
  },
  { name: 'a hijacked response', handler: (_request, reply) => { reply.hijack(); reply.raw.writeHead(202); reply.raw.end('x') }, status: 202 },
  { name: 'a head with a reason', handler: (_request, reply) => { reply.hijack(); http1(reply).writeHead(299, 'Mine', { 'x-a': 'b' }).end() }, status: 299, transports: ['HTTP/1', 'inject'] },
  { name: 'an implicit head of write()', handler: (_request, reply) => { reply.hijack(); reply.raw.statusCode = 203; reply.raw.write('x'); reply.raw.end() }, status: 203 },
  { name: 'an implicit head of end()', handler: (_request, reply) => { reply.hijack(); reply.raw.statusCode = 410; reply.raw.end() }, status: 410 },
  { name: 'a head that is flushed', handler: (_request, reply) => { reply.hijack(); reply.raw.flushHeaders(); reply.raw.statusCode = 500; reply.raw.end() }, status: 200 },
  {
    name: 'the older name of writeHead',
    handler: (_request, reply) => { reply.hijack(); (reply.raw as unknown as { writeHeader: (status: number) => void }).writeHeader(202); reply.raw.end() },
    status: 202,
    // Node may remove it one day.
    transports: 'writeHeader' in ServerResponse.prototype ? ['HTTP/1', 'inject'] : []
  },
  {
    name: 'a head that Node refused at first',
    handler: (_request, reply) => {
      reply.hijack()
      try {
        reply.raw.writeHead(200, { 'x-a': 'line\nbreak' })
      } catch {
        for (const name of reply.raw.getHeaderNames()) reply.raw.removeHeader(name)
        reply.raw.writeHead(418)
      }
      reply.raw.end()
    },
    status: 418,
    transports: ['HTTP/1', 'inject']
  },
  {
    name: 'a head of the stream that Node refused at first',
    handler: (_request, reply) => {
      reply.hijack()
      try {
        streamOf(reply).respond({ ':status': 200, ':unknown': 'x' })
      } catch {
        reply.raw.writeHead(418)
      }
      reply.raw.end()
    },
    status: 418,
    transports: ['HTTP/2']
  },
  {
    name: 'a header that Node refuses',
    handler: async (_request, reply) => reply.header('x-a', 'line\nbreak').send('ok'),
    status: 500,
    exceptions: 1,
    transports: ['HTTP/1', 'inject']
  },
  {
    name: 'a status that is changed after the head',
    handler: (_request, reply) => { reply.hijack(); reply.raw.writeHead(200); try { reply.raw.statusCode = 500 } catch {} reply.raw.end() },
    status: 200
  },
  {
    name: 'an error after the head',
    handler: (_request, reply) => { reply.send('ok'); reply.code(500).send(new Error('late')) },
    status: 200
  },
  {
    name: 'informational heads before it',
    handler: (_request, reply) => {
      reply.hijack()
      const response = http1(reply)
      response.writeContinue()
      response.writeProcessing()
      response.writeEarlyHints({ link: '</x>; rel=preload' })
      reply.raw.writeHead(201)
      reply.raw.end()
    },
    status: 201,
    transports: ['HTTP/1']
  },
  {
    name: 'informational heads of a stream before it',
    handler: (_request, reply) => { reply.hijack(); streamOf(reply).additionalHeaders({ ':status': 103 }); http2(reply).writeHead(201); reply.raw.end() },
    status: 201,
    transports: ['HTTP/2']
  },
  { name: 'a head of the stream itself', handler: (_request, reply) => { reply.hijack(); streamOf(reply).respond({ ':status': 206 }); streamOf(reply).end('x') }, status: 206, transports: ['HTTP/2'] },
  { name: 'a head of the stream without a body', handler: (_request, reply) => { reply.hijack(); streamOf(reply).respond({ ':status': 207 }, { endStream: true }) }, status: 207, transports: ['HTTP/2'] },
  { name: 'a file of the stream', handler: (_request, reply) => { reply.hijack(); streamOf(reply).respondWithFile(FILE, { ':status': 208 }) }, status: 208, transports: ['HTTP/2'] }
]

for (const transport of TRANSPORTS) {
  for (const { name, handler, status, exceptions = 0, method = 'GET', transports = TRANSPORTS } of cases) {
    if (!transports.includes(transport)) continue
    t.test(`counts ${name} once, over ${transport}`, async t => {
      const { fastify, send } = await startServer(t, transport, { after (fastify) { fastify.get('/x', { config }, handler as () => unknown) } })
      const countResponse = await send('/x', { method })
      // inject gives the status that the response has at its end.
      if (transport !== 'inject') t.equal(countResponse, status)
      await assertIdle(t, fastify, 1)
      t.strictSame(await readRequestCounts(fastify), { [`${method} /x ${status}`]: 1 })
      t.match(await samples(fastify.metrics.registry, 'dynoai_request_exceptions_total'), { [`dynoai_request_exceptions_total{method="${method}",path="/x"}`]: exceptions })
    })
  }
}

/** Opens an event stream and gives a way for its server and its client to end it. */
async function openStream (t: Test, transport: 'HTTP/1' | 'HTTP/2', fastify: FastifyInstance): Promise<{ readonly leave: () => void }> {
  const origin = await listen(fastify)
  if (transport === 'HTTP/2') {
    const session = connect(origin)
    t.teardown(() => session.destroy())
    const stream = session.request({ ':path': '/events' })
    await once(stream, 'response')
    return { leave: () => { session.destroy() } }
  }
  const socket = await openRawConnection(origin)
  socket.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
  await readData(socket)
  return { leave: () => { socket.destroy() } }
}

type Respond = (reply: FastifyReply) => void

const responses: ReadonlyArray<readonly [name: string, respond: Respond]> = [
  ['a stream that is sent', reply => { const stream = new PassThrough(); stream.write('data: 1\n\n'); reply.type('text/event-stream').send(stream) }],
  ['a hijacked response', reply => { reply.hijack(); reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }); reply.raw.write('data: 1\n\n') }]
]

for (const transport of ['HTTP/1', 'HTTP/2'] as const) {
  for (const [name, respond] of responses) {
    t.test(`${name} is counted and not in flight while its client listens, and nothing changes when it leaves, over ${transport}`, async t => {
      const fastify = createFastify(t, (transport === 'HTTP/2' ? { http2: true, forceCloseConnections: true } : { forceCloseConnections: true }) as object)
      await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { sizes: true } })
      let closed: Promise<unknown> = Promise.resolve()
      fastify.get('/events', { config }, (_request, reply) => {
        closed = once(reply.raw, 'close')
        respond(reply)
      })
      const { leave } = await openStream(t, transport, fastify)
      await assertIdle(t, fastify, 1)
      const open = await samples(fastify.metrics.registry, 'dynoai_request')
      t.strictSame(await readRequestCounts(fastify), { 'GET /events 200': 1 })
      t.strictSame(await samples(fastify.metrics.registry, 'dynoai_request_size_bytes'), {}, 'sizes are not measured')
      leave()
      await closed
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      t.strictSame(await samples(fastify.metrics.registry, 'dynoai_request'), open)
    })
  }

  t.test(`a client that leaves before the head is 499, also when the head is written afterwards, over ${transport}`, async t => {
    const { fastify } = await startServer(t, 'inject', {
      server: (transport === 'HTTP/2' ? { http2: true } : {}) as object,
      after: () => {}
    })
    const waiting = new Promise<{ readonly reply: FastifyReply }>(resolve => { fastify.get('/wait', { config }, (_request, reply) => { resolve({ reply }) }) })
    const origin = await listen(fastify)
    const client = transport === 'HTTP/2' ? connect(origin) : await openRawConnection(origin)
    if ('request' in client) client.request({ ':path': '/wait' }).on('error', () => {})
    else client.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n')
    const { reply } = await waiting
    const closed = once(reply.raw, 'close')
    client.destroy()
    await closed
    reply.send('too late')
    await assertIdle(t, fastify, 1)
    t.strictSame(await readRequestCounts(fastify), { 'GET /wait 499': 1 })
  })
}

t.test('a head that is written between the end of the socket and its close is 499', async t => {
  for (const end of [
    ({ socket }: IncomingMessage) => { socket.destroy() },
    // What Node does when the client has closed its own side.
    ({ socket }: IncomingMessage) => { socket.end() }
  ]) {
    const fastify = await createMeasuredFastify(t)
    fastify.get('/x', { config }, (request, reply) => {
      end(request.raw)
      reply.send('lost')
    })
    const socket = await openRawConnection(await listen(fastify))
    socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket.resume(), 'close')
    await assertIdle(t, fastify, 1)
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 499': 1 })
  }
})

t.test('pipelined responses are counted when the application writes their heads', async t => {
  const fastify = await createMeasuredFastify(t)
  const waiting = new Promise<{ readonly reply: FastifyReply }>(resolve => { fastify.get('/first', (_request, reply) => { resolve({ reply }) }) })
  const written = new Promise<void>(resolve => {
    fastify.get('/second', { config }, (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(201)
      reply.raw.end()
      resolve()
    })
  })
  const socket = await openRawConnection(await listen(fastify))
  socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n')
  const { reply: first } = await waiting
  await written
  t.strictSame(await readRequestCounts(fastify), { 'GET /second 201': 1 })
  t.match(await samples(fastify.metrics.registry), { dynoai_requests_in_flight: 1 })
  first.send('ok')
  await assertIdle(t, fastify, 2)
  t.strictSame(await readRequestCounts(fastify), { 'GET /second 201': 1, 'GET /first 200': 1 })
  socket.destroy()
})

t.test('is timed from arrival to the head', async t => {
  const fastify = await createMeasuredFastify(t)
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  fastify.get('/x', { config }, (_request, reply) => {
    reply.hijack()
    t.clock.advance(300)
    reply.raw.writeHead(200)
    t.clock.advance(60_000)
    reply.raw.end()
  })
  await fastify.inject('/x')
  t.match(await samples(fastify.metrics.registry), { 'dynoai_request_duration_seconds_sum{method="GET",path="/x",status="200"}': 0.3 })
})

t.test('calls the labels of the application at the head, in the context of the request, once', async t => {
  const storage = new AsyncLocalStorage<string>()
  const fastify = createFastify(t)
  fastify.addHook('onRequest', (request, _reply, done) => { storage.run(String(request.headers['x-tenant']), done) })
  const events: string[] = []
  await fastify.register(dynoaiMetrics, {
    runtimeMetrics: false,
    requests: {
      labels: {
        tenant (_request, reply) {
          events.push('label')
          // A label that ends the response must not count it again.
          reply.raw.end()
          return storage.getStore()
        }
      }
    }
  })
  fastify.get('/x', { config }, (_request, reply) => {
    reply.hijack()
    storage.run('other', () => {
      reply.raw.writeHead(200)
      events.push('head written')
    })
  })
  await fastify.inject({ url: '/x', headers: { 'x-tenant': 'a' } })
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'GET /x 200 tenant="a"': 1 })
  t.strictSame(events, ['label', 'head written'])
})

t.test('hands on arguments, this and the value of the methods that it watches', async t => {
  const fastify = await createMeasuredFastify(t)
  let isSame: boolean | undefined
  fastify.get('/x', { config }, (_request, reply) => {
    reply.hijack()
    isSame = reply.raw.writeHead(200, 'Fine', { 'x-a': 'b' }) === reply.raw
    t.notOk(Object.keys(reply.raw).includes('writeHead'))
    reply.raw.end()
  })
  const { statusMessage, headers } = await fastify.inject('/x')
  t.equal(isSame, true)
  t.match({ statusMessage, headers }, { statusMessage: 'Fine', headers: { 'x-a': 'b' } })
})

t.test('a head that was written before the plugin sees the request is counted at once', async t => {
  for (const transport of TRANSPORTS) {
    const inFlight: unknown[] = []
    const { fastify, send } = await startServer(t, transport, {
      before (fastify) {
        fastify.addHook('onRequest', async (_request, reply) => { reply.raw.writeHead(201) })
      },
      after (fastify) {
        fastify.get('/x', { config }, async (_request, reply) => {
          inFlight.push((await samples(fastify.metrics.registry))['dynoai_requests_in_flight'])
          reply.hijack()
          reply.raw.end()
        })
      }
    })
    await send('/x')
    await assertIdle(t, fastify, 1)
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 201': 1 }, transport)
    t.strictSame(inFlight, [0])
  }
})

t.test('an earlier hook that answers is counted once, as on every route', async t => {
  for (const transport of TRANSPORTS) {
    const { fastify, send } = await startServer(t, transport, {
      plugin: { requests: { sizes: true } },
      before (fastify) {
        fastify.addHook('onRequest', async (_request, reply) => reply.code(401).send('early'))
      },
      after (fastify) { fastify.get('/x', { config }, async () => 'ok') }
    })
    t.equal(await send('/x'), 401)
    await assertIdle(t, fastify, 1)
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 401': 1 }, transport)
    t.strictSame(await samples(fastify.metrics.registry, 'dynoai_response_size_bytes'), {})
  }
})

t.test('an ignored route stays as it is', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { ignore: '/x' } })
  fastify.get('/x', { config }, async (_request, reply) => { t.notOk(Object.hasOwn(reply.raw, 'writeHead')) })
  await fastify.inject('/x')
  await assertIdle(t, fastify, 0)
})

t.test('an upgrade is counted when its answer is written', async t => {
  const fastify = await createMeasuredFastify(t)
  await fastify.register(websocket)
  fastify.get('/socket', {
    config,
    websocket: true,
    preValidation: async (request, reply) => { if (request.headers['x-refuse']) return reply.code(403).send() }
  }, () => {})
  const origin = await listen(fastify)
  const upgrade = async (head: string): Promise<() => void> => {
    const socket = await openRawConnection(origin)
    socket.write('GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${head}\r\n`)
    await readData(socket)
    return () => { socket.destroy() }
  }
  const ends = [await upgrade(''), await upgrade('X-Refuse: 1\r\n')]
  await assertIdle(t, fastify, 2)
  t.strictSame(await readRequestCounts(fastify), { 'GET /socket 101': 1, 'GET /socket 403': 1 })
  for (const end of ends) end()
  while (await new Promise<number>((resolve, reject) => { fastify.server.getConnections((err, n) => err ? reject(err) : resolve(n)) }) > 0) await nextTurn()
  await assertIdle(t, fastify, 2)
})

t.test('tells of a head by each of the methods that write one, at once, also where Node has no writeHeader', async t => {
  for (const names of [['writeHead', 'writeHeader'], ['writeHead']]) {
    for (const name of names) {
      const write = function (this: { headersSent: boolean, statusCode: number }, status: number): void { Object.assign(this, { headersSent: true, statusCode: status }) }
      const raw = Object.assign({ headersSent: false, statusCode: 200 }, Object.fromEntries(names.map(name => [name, write])))
      const told: number[] = []
      const request = { raw: { socket: { destroyed: false, writable: true } } } as unknown as FastifyRequest
      onceHeadWritten(request, { raw } as unknown as FastifyReply, status => { told.push(status) })
      const { [name]: method } = raw as unknown as Record<string, (status: number) => void>
      for (const status of [202, 500]) method?.call(raw, status)
      t.strictSame(told, [202], name)
    }
  }
})

t.test('a head that is written to a stream that its client has reset is 499', async t => {
  const stream = { headersSent: false, aborted: true, destroyed: false, sentHeaders: { ':status': 200 }, respond () { stream.headersSent = true }, end () {} }
  const told: number[] = []
  onceHeadWritten({ raw: { stream } } as unknown as FastifyRequest, { raw: { stream } } as unknown as FastifyReply, status => { told.push(status) })
  stream.respond()
  t.strictSame(told, [499])
})

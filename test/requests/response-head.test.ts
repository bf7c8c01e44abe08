import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { ServerResponse } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { onceHeadWritten } from '../../lib/requests/response-head.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { requestUpgrade } from '../fixtures/request-upgrade.js'
import { readSamples } from '../fixtures/samples.js'
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
  /** @default TRANSPORTS */
  readonly transports?: readonly Transport[]
}

// Over HTTP/2, Fastify's reply has a response of that type.
const http2 = (reply: FastifyReply): Http2ServerResponse => reply.raw as unknown as Http2ServerResponse
const streamOf = (reply: FastifyReply): ServerHttp2Stream => http2(reply).stream

/** A handler that writes to the response of Node. */
function hijack (write: (response: ServerResponse, reply: FastifyReply) => void): Case['handler'] {
  return (_request, reply) => {
    reply.hijack()
    write(reply.raw, reply)
  }
}

function failing (): never {
  throw new Error('boom')
}

const NOT_HTTP2 = ['HTTP/1', 'inject'] as const

const cases: readonly Case[] = [
  { name: 'a payload', handler: async () => 'ok', status: 200 },
  { name: 'no payload', handler: (_request, reply) => reply.code(204).send(), status: 204 },
  { name: 'a 304', handler: (_request, reply) => reply.code(304).send(), status: 304 },
  { name: 'a HEAD request', handler: async () => 'ok', status: 200, method: 'HEAD' },
  { name: 'an error of the handler', handler: async () => failing(), status: 500, exceptions: 1 },
  {
    name: 'a client error',
    handler: async () => { throw Object.assign(new Error('bad'), { statusCode: 400 }) },
    status: 400
  },
  { name: 'a 503 that the handler sends', handler: (_request, reply) => reply.code(503).send('full'), status: 503 },
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
  {
    name: 'a hijacked response',
    handler: hijack(response => {
      response.writeHead(202)
      response.end('x')
    }),
    status: 202
  },
  {
    name: 'a head with a reason',
    handler: hijack(response => { response.writeHead(299, 'Mine', { 'x-a': 'b' }).end() }),
    status: 299,
    transports: NOT_HTTP2
  },
  {
    name: 'an implicit head of write()',
    handler: hijack(response => {
      response.statusCode = 203
      response.write('x')
      response.end()
    }),
    status: 203
  },
  {
    name: 'an implicit head of end()',
    handler: hijack(response => {
      response.statusCode = 410
      response.end()
    }),
    status: 410
  },
  {
    name: 'a head that is flushed',
    handler: hijack(response => {
      response.flushHeaders()
      response.statusCode = 500
      response.end()
    }),
    status: 200
  },
  {
    name: 'a head that writeHeader writes, the older name of writeHead',
    handler: hijack(response => {
      const { writeHeader } = response as unknown as { writeHeader: (status: number) => void }
      writeHeader.call(response, 202)
      response.end()
    }),
    status: 202,
    // A later Node may remove it.
    transports: 'writeHeader' in ServerResponse.prototype ? NOT_HTTP2 : []
  },
  {
    name: 'a head that Node rejected at first',
    handler: hijack(response => {
      try {
        response.writeHead(200, { 'x-a': 'line\nbreak' })
      } catch {
        for (const name of response.getHeaderNames()) response.removeHeader(name)
        response.writeHead(418)
      }
      response.end()
    }),
    status: 418,
    transports: NOT_HTTP2
  },
  {
    name: 'a head of the stream that Node rejected at first',
    handler: hijack((response, reply) => {
      try {
        streamOf(reply).respond({ ':status': 200, ':unknown': 'x' })
      } catch {
        response.writeHead(418)
      }
      response.end()
    }),
    status: 418,
    transports: ['HTTP/2']
  },
  {
    name: 'a header that Node rejects',
    handler: async (_request, reply) => reply.header('x-a', 'line\nbreak').send('ok'),
    status: 500,
    exceptions: 1,
    transports: NOT_HTTP2
  },
  {
    name: 'a status that is changed after the head',
    handler: hijack(response => {
      response.writeHead(200)
      try {
        response.statusCode = 500
      } catch {}
      response.end()
    }),
    status: 200
  },
  {
    name: 'an error after the head',
    handler: (_request, reply) => {
      reply.send('ok')
      reply.code(500).send(new Error('late'))
    },
    status: 200
  },
  {
    name: 'a head after informational heads',
    handler: hijack(response => {
      response.writeContinue()
      response.writeProcessing()
      response.writeEarlyHints({ link: '</x>; rel=preload' })
      response.writeHead(201)
      response.end()
    }),
    status: 201,
    transports: ['HTTP/1']
  },
  {
    name: 'a head after an informational head of the stream',
    handler: hijack((response, reply) => {
      streamOf(reply).additionalHeaders({ ':status': 103 })
      http2(reply).writeHead(201)
      response.end()
    }),
    status: 201,
    transports: ['HTTP/2']
  },
  {
    name: 'a head that the stream writes',
    handler: hijack((_response, reply) => {
      streamOf(reply).respond({ ':status': 206 })
      streamOf(reply).end('x')
    }),
    status: 206,
    transports: ['HTTP/2']
  },
  {
    name: 'a head that the stream writes without a body',
    handler: hijack((_response, reply) => { streamOf(reply).respond({ ':status': 207 }, { endStream: true }) }),
    status: 207,
    transports: ['HTTP/2']
  },
  {
    name: 'a file that the stream sends',
    handler: hijack((_response, reply) => { streamOf(reply).respondWithFile(FILE, { ':status': 208 }) }),
    status: 208,
    transports: ['HTTP/2']
  }
]

for (const transport of TRANSPORTS) {
  for (const { name, handler, status, exceptions = 0, method = 'GET', transports = TRANSPORTS } of cases) {
    if (!transports.includes(transport)) continue
    t.test(`counts ${name} once, over ${transport}`, async t => {
      const { fastify, send } = await startServer(t, transport, {
        after (fastify) { fastify.get('/x', { config }, handler as () => unknown) }
      })
      const received = await send('/x', { method })
      // inject reports the status that the response has at its end.
      if (transport !== 'inject') t.equal(received, status)
      await assertIdle(t, fastify, 1)
      t.strictSame(await readRequestCounts(fastify), { [`${method} /x ${status}`]: 1 })
      t.match(await readSamples(fastify.metrics.registry, 'dynoai_request_exceptions_total'), {
        [`dynoai_request_exceptions_total{method="${method}",path="/x"}`]: exceptions
      })
    })
  }
}

/** Opens the event stream of a server, and returns a function that disconnects the client. */
async function openStream (t: Test, transport: 'HTTP/1' | 'HTTP/2', fastify: FastifyInstance): Promise<() => void> {
  const origin = await listen(fastify)
  if (transport === 'HTTP/2') {
    const session = connect(origin)
    t.teardown(() => session.destroy())
    const stream = session.request({ ':path': '/events' })
    await once(stream, 'response')
    return () => { session.destroy() }
  }
  const socket = await openRawConnection(origin)
  socket.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
  await readData(socket)
  return () => { socket.destroy() }
}

type Respond = (reply: FastifyReply) => void

// An object, since a promise that resolves with a reply waits for its response.
type PendingReply = Promise<{ readonly reply: FastifyReply }>

/** Adds a route that sends no response, and resolves with its first reply. */
function waitForReply (fastify: FastifyInstance, path: string, options: RouteShorthandOptions = {}): PendingReply {
  return new Promise(resolve => {
    fastify.get(path, options, (_request, reply) => { resolve({ reply }) })
  })
}

const responses: ReadonlyArray<readonly [name: string, respond: Respond]> = [
  ['a response stream', reply => {
    const stream = new PassThrough()
    stream.write('data: 1\n\n')
    reply.type('text/event-stream').send(stream)
  }],
  ['a hijacked response', reply => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: 1\n\n')
  }]
]

for (const transport of ['HTTP/1', 'HTTP/2'] as const) {
  for (const [name, respond] of responses) {
    t.test(`counts ${name} once, at its head, and not as in flight while it is open, over ${transport}`, async t => {
      const server = { forceCloseConnections: true, ...(transport === 'HTTP/2' && { http2: true }) }
      const fastify = createFastify(t, server)
      await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { sizes: true } })
      let closed: Promise<unknown> = Promise.resolve()
      fastify.get('/events', { config }, (_request, reply) => {
        closed = once(reply.raw, 'close')
        respond(reply)
      })
      const disconnect = await openStream(t, transport, fastify)
      await assertIdle(t, fastify, 1)
      const counted = await readSamples(fastify.metrics.registry, 'dynoai_request')
      t.strictSame(await readRequestCounts(fastify), { 'GET /events 200': 1 })
      const sizes = await readSamples(fastify.metrics.registry, 'dynoai_request_size_bytes')
      t.strictSame(sizes, {}, 'sizes are not measured')
      disconnect()
      await closed
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      t.strictSame(await readSamples(fastify.metrics.registry, 'dynoai_request'), counted)
    })
  }

  t.test(`counts a client that disconnects before the head as 499, even if one follows, over ${transport}`, async t => {
    const { fastify } = await startServer(t, 'inject', {
      server: (transport === 'HTTP/2' ? { http2: true } : {}) as object,
      after: () => {}
    })
    const waiting = waitForReply(fastify, '/wait', { config })
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

t.test('counts a head that is written between the end of the socket and its close as 499', async t => {
  for (const end of [
    ({ socket }: IncomingMessage) => { socket.destroy() },
    // Node does this when the client has closed its side.
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

t.test('counts a pipelined response when the application writes its head', async t => {
  const fastify = await createMeasuredFastify(t)
  const waiting = waitForReply(fastify, '/first')
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
  t.match(await readSamples(fastify.metrics.registry), { dynoai_requests_in_flight: 1 })
  first.send('ok')
  await assertIdle(t, fastify, 2)
  t.strictSame(await readRequestCounts(fastify), { 'GET /second 201': 1, 'GET /first 200': 1 })
  socket.destroy()
})

t.test('measures the duration from arrival to the head', async t => {
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
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_request_duration_seconds_sum{method="GET",path="/x",status="200"}': 0.3
  })
})

t.test('calls application labels once, at the head, in the context of the request', async t => {
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

t.test('a watched method keeps its arguments, this and result', async t => {
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

t.test('counts a head that is written before the onRequest hook of the plugin at once', async t => {
  for (const transport of TRANSPORTS) {
    const inFlight: unknown[] = []
    const { fastify, send } = await startServer(t, transport, {
      before (fastify) {
        fastify.addHook('onRequest', async (_request, reply) => { reply.raw.writeHead(201) })
      },
      after (fastify) {
        fastify.get('/x', { config }, async (_request, reply) => {
          inFlight.push((await readSamples(fastify.metrics.registry))['dynoai_requests_in_flight'])
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

t.test('counts the response of an earlier hook once', async t => {
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
    t.strictSame(await readSamples(fastify.metrics.registry, 'dynoai_response_size_bytes'), {})
  }
})

t.test('does not watch the response of an ignored route', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { ignore: '/x' } })
  fastify.get('/x', { config }, async (_request, reply) => { t.notOk(Object.hasOwn(reply.raw, 'writeHead')) })
  await fastify.inject('/x')
  await assertIdle(t, fastify, 0)
})

t.test('counts an upgrade when its response is written', async t => {
  const fastify = await createMeasuredFastify(t)
  await fastify.register(websocket)
  fastify.get('/socket', {
    config,
    websocket: true,
    preValidation: async (request, reply) => { if (request.headers['x-refuse']) return reply.code(403).send() }
  }, () => {})
  const origin = await listen(fastify)
  const responses = [
    await requestUpgrade(origin, '/socket'),
    await requestUpgrade(origin, '/socket', 'X-Refuse: 1\r\n')
  ]
  await assertIdle(t, fastify, 2)
  t.strictSame(await readRequestCounts(fastify), { 'GET /socket 101': 1, 'GET /socket 403': 1 })
  for (const { socket } of responses) socket.destroy()
  while (await promisify(fastify.server.getConnections.bind(fastify.server))() > 0) await nextTurn()
  await assertIdle(t, fastify, 2)
})

t.test('reports a head by each method that writes one, at once, also when Node has no writeHeader', async t => {
  const write = function (this: { headersSent: boolean, statusCode: number }, status: number): void {
    Object.assign(this, { headersSent: true, statusCode: status })
  }
  for (const names of [['writeHead', 'writeHeader'], ['writeHead']]) {
    for (const name of names) {
      const methods = Object.fromEntries(names.map(name => [name, write]))
      const raw = Object.assign({ headersSent: false, statusCode: 200 }, methods)
      const statuses: number[] = []
      const request = { raw: { socket: { destroyed: false, writable: true } } } as unknown as FastifyRequest
      onceHeadWritten(request, { raw } as unknown as FastifyReply, status => { statuses.push(status) })
      const { [name]: method } = raw as unknown as Record<string, (status: number) => void>
      for (const status of [202, 500]) method?.call(raw, status)
      t.strictSame(statuses, [202], name)
    }
  }
})

t.test('reports a head that is written to a stream as 499 when its client has reset it', async t => {
  const stream = {
    headersSent: false,
    aborted: true,
    destroyed: false,
    sentHeaders: { ':status': 200 },
    respond () { stream.headersSent = true },
    end () {}
  }
  const statuses: number[] = []
  const message = { raw: { stream } } as unknown
  onceHeadWritten(message as FastifyRequest, message as FastifyReply, status => { statuses.push(status) })
  stream.respond()
  t.strictSame(statuses, [499])
})

import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { Readable } from 'node:stream'
import t from 'tap'
import type { Test } from 'tap'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle } from '../fixtures/request-counts.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { readSamples } from '../fixtures/samples.js'

const options = { requests: { sizes: true } } as const

/** Count and sum of the sizes of a route, as [request, response]. */
type Sizes = Record<'count' | 'sum', Array<number | undefined>>

async function readSizes (fastify: FastifyInstance, method: string, path: string): Promise<Sizes> {
  const all = await readSamples(fastify.metrics.registry)
  const read = (name: string) => ['request', 'response'].map(side =>
    all[`dynoai_${side}_size_bytes_${name}{method="${method}",path="${path}"}`])
  return { count: read('count'), sum: read('sum') }
}

/** Checks the sizes of routes, each with one request. */
async function checkSizes (t: Test, fastify: FastifyInstance, sums: Record<string, [number, number]>): Promise<void> {
  for (const [route, sum] of Object.entries(sums)) {
    const [method = '', path = ''] = route.split(' ')
    t.strictSame(await readSizes(fastify, method, path), { count: [1, 1], sum }, route)
  }
}

async function startApp (
  t: Test, addRoutes = (_fastify: FastifyInstance): void => {}
): Promise<{ fastify: FastifyInstance, origin: string }> {
  const fastify = await createMeasuredFastify(t, options)
  addRoutes(fastify)
  fastify.post('/echo', async request => request.body)
  fastify.get('/plain', async () => 'é'.repeat(100))
  fastify.get('/buffer', async () => Buffer.alloc(300))
  fastify.get('/stream', async () => Readable.from([Buffer.alloc(1000), Buffer.alloc(500)]))
  fastify.get('/empty', async (_request, reply) => reply.code(204).send())
  fastify.get('/latin1', (_request, reply) => {
    reply.hijack()
    reply.raw.write('é', 'latin1')
    reply.raw.end('é')
  })
  fastify.get('/after-end', (_request, reply) => {
    reply.hijack()
    reply.raw.on('error', () => {})
    reply.raw.end('end')
    reply.raw.end('more')
  })
  return { fastify, origin: await listen(fastify) }
}

t.test('measures no sizes without the option', async t => {
  const fastify = await createMeasuredFastify(t)
  await fastify.inject('/x')
  t.notMatch(await fastify.metrics.registry.metrics(), 'size_bytes')
})

t.test('has buckets from 100 B to 100 MB', async t => {
  const { fastify } = await startApp(t)
  await fastify.inject('/buffer')
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_response_size_bytes_bucket{le="100",method="GET",path="/buffer"}': 0,
    'dynoai_response_size_bytes_bucket{le="1000",method="GET",path="/buffer"}': 1,
    'dynoai_response_size_bytes_bucket{le="100000000",method="GET",path="/buffer"}': 1
  })
})

t.test('counts the bytes of bodies over HTTP/1, injected and over HTTP/2', async t => {
  const bodies = [
    ['POST', '/echo', JSON.stringify({ text: 'é'.repeat(50) }), 111, 111],
    ['GET', '/plain', '', 0, 200],
    ['GET', '/buffer', '', 0, 300],
    ['GET', '/stream', '', 0, 1500],
    ['GET', '/empty', '', 0, 0],
    ['HEAD', '/plain', '', 0, 0]
  ] as const
  const { fastify, origin } = await startApp(t)
  for (const [method, path, body] of bodies) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(origin + path, { method, ...(body && { body, headers }) })
    await response.arrayBuffer()
    await fastify.inject({ method, url: path, ...(body && { payload: body, headers }) })
  }
  await assertIdle(t, fastify, 2 * bodies.length)
  for (const [method, path, , received, sent] of bodies) {
    const sizes = await readSizes(fastify, method, path)
    t.strictSame(sizes, { count: [2, 2], sum: [2 * received, 2 * sent] }, `${method} ${path}`)
  }

  const second = createFastify(t, { http2: true } as object)
  await second.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  second.post('/echo', async request => request.body)
  const session = http2Connect(await listen(second))
  t.teardown(() => session.close())
  const stream = session.request({ ':method': 'POST', ':path': '/echo', 'content-type': 'text/plain' })
  stream.end('x'.repeat(700))
  stream.resume()
  await once(stream, 'close')
  await assertIdle(t, second, 1)
  await checkSizes(t, second, { 'POST /echo': [700, 700] })
})

t.test('counts a chunked request body, without its framing', async t => {
  const { fastify, origin } = await startApp(t)
  const request = httpRequest(`${origin}/echo`, { method: 'POST', headers: { 'content-type': 'text/plain' } })
  request.write('a'.repeat(30))
  request.end('b'.repeat(20))
  const [response] = await once(request, 'response')
  response.resume()
  await assertIdle(t, fastify, 1)
  await checkSizes(t, fastify, { 'POST /echo': [50, 50] })
})

t.test('counts the bytes of hijacked responses in the encoding of each write', async t => {
  const { fastify, origin } = await startApp(t)
  await (await fetch(`${origin}/latin1`)).arrayBuffer()
  await assertIdle(t, fastify, 1)
  await checkSizes(t, fastify, { 'GET /latin1': [0, 1 + 2] })
})

t.test('counts the bytes that arrived before a client disconnected', async t => {
  const { fastify, origin } = await startApp(t)
  const socket = await openRawConnection(origin)
  const arrived = once(fastify.server, 'request')
  const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n'
  socket.write(head + 'x'.repeat(40))
  await arrived
  socket.destroy()
  await assertIdle(t, fastify, 1)
  await checkSizes(t, fastify, { 'POST /echo': [40, 0] })
})

t.test('uses the lengths in the headers for a request that an earlier hook responds to', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (_request, reply) => reply.send('early'))
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.post('/x', async () => 'late')
  await fastify.inject({ method: 'POST', url: '/x', payload: 'abc' })
  await fastify.inject({ method: 'HEAD', url: '/nowhere' })
  await checkSizes(t, fastify, { 'POST /x': [3, 5], 'HEAD __unmatched__': [0, 0] })
})

t.test('ignores the length of a response without a body, and an invalid length', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (_request, reply) => reply.code(304).header('content-length', 5000).send())
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.get('/x', async () => 'late')
  await fastify.inject({ url: '/x', headers: { 'content-length': 'zz' } })
  await checkSizes(t, fastify, { 'GET /x': [0, 0] })
})

t.test('does not count bytes that are written after the end', async t => {
  const { fastify, origin } = await startApp(t)
  await (await fetch(`${origin}/after-end`)).arrayBuffer()
  await assertIdle(t, fastify, 1)
  await checkSizes(t, fastify, { 'GET /after-end': [0, 3] })
})

t.test('ignores the length in the headers when the client disconnects during an earlier hook', async t => {
  const fastify = createFastify(t)
  const waiting = new Promise<void>(resolve => {
    fastify.addHook('onRequest', request => { request.raw.once('readable', resolve) })
  })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.post('/x', async () => 'ok')
  const socket = await openRawConnection(await listen(fastify))
  socket.write('POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\nabc')
  await waiting
  socket.destroy()
  await assertIdle(t, fastify, 1)
  await checkSizes(t, fastify, { 'POST /x': [3, 0] })
})

t.test('counts a body that arrives during an earlier asynchronous hook', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async request => {
    while (request.raw.readableLength === 0) await new Promise(setImmediate)
  })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.post('/x', async request => request.body)
  const origin = await listen(fastify)
  const socket = await openRawConnection(origin)
  const headers = 'Host: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 40\r\n\r\n'
  socket.write(`POST /x HTTP/1.1\r\n${headers}${'x'.repeat(40)}`)
  await readData(socket)
  await assertIdle(t, fastify, 1)
  await checkSizes(t, fastify, { 'POST /x': [40, 40] })
})

t.test('does not count bytes that are written after the connection is closed', async t => {
  const closers: Readonly<Record<string, (request: FastifyRequest, reply: FastifyReply) => void>> = {
    destroy: request => { request.raw.socket.destroy() },
    'destroy-soon': request => { request.raw.socket.destroySoon() },
    'destroy-response': (_request, reply) => { reply.raw.destroy() }
  }
  const { fastify, origin } = await startApp(t, fastify => {
    for (const [name, close] of Object.entries(closers)) {
      fastify.get(`/${name}`, (request, reply) => {
        reply.hijack()
        reply.raw.write('some')
        close(request, reply)
        reply.raw.write('more')
        reply.raw.end('end')
      })
      fastify.get(`/${name}-and-send`, (request, reply) => {
        close(request, reply)
        reply.send('text')
      })
    }
  })
  const urls = Object.keys(closers).flatMap(name => [[`/${name}`, 4], [`/${name}-and-send`, 0]] as const)
  for (const [url] of urls) {
    const socket = await openRawConnection(origin)
    socket.resume().write(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'close')
  }
  await assertIdle(t, fastify, urls.length)
  for (const [url, sent] of urls) await checkSizes(t, fastify, { [`GET ${url}`]: [0, sent] })
})

t.test('does not count bytes that are written after an HTTP/2 stream has ended', async t => {
  const fastify = createFastify(t, { http2: true } as object)
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  const methods = ['close', 'destroy'] as const
  for (const name of methods) {
    fastify.get(`/${name}`, (_request, reply) => {
      reply.hijack()
      const { stream } = reply.raw as unknown as { readonly stream: ServerHttp2Stream }
      stream.on('error', () => {})
      reply.raw.write('some')
      stream[name]()
      reply.raw.write('more')
      reply.raw.end('end')
    })
  }
  const session = http2Connect(await listen(fastify))
  t.teardown(() => session.close())
  for (const name of methods) {
    const stream = session.request({ ':path': `/${name}` })
    stream.on('error', () => {})
    stream.resume()
    await once(stream, 'close')
  }
  await assertIdle(t, fastify, methods.length)
  for (const name of methods) await checkSizes(t, fastify, { [`GET /${name}`]: [0, 4] })
})

t.test('does not count bytes of a response that is still queued when its client disconnects', async t => {
  const { promise: isQueued, resolve } = promiseWithResolvers()
  const { fastify, origin } = await startApp(t, fastify => {
    fastify.get('/wait', () => {})
    fastify.get('/queued', (_request, reply) => {
      reply.send('text')
      setImmediate(resolve)
    })
  })
  const socket = await openRawConnection(origin)
  socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /queued HTTP/1.1\r\nHost: x\r\n\r\n')
  await isQueued
  socket.destroy()
  await assertIdle(t, fastify, 2)
  await checkSizes(t, fastify, { 'GET /queued': [0, 0] })
})

t.test('uses the status that was sent: 204 has no body, even if another status is set afterwards', async t => {
  const { fastify, origin } = await startApp(t, fastify => {
    for (const [sent, set] of [[204, 200], [200, 204]] as const) {
      fastify.get(`/${sent}`, (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(sent)
        reply.raw.statusCode = set
        reply.raw.end('text')
      })
    }
  })
  for (const sent of [204, 200]) await (await fetch(`${origin}/${sent}`)).arrayBuffer()
  await assertIdle(t, fastify, 2)
  await checkSizes(t, fastify, { 'GET /204': [0, 0], 'GET /200': [0, 4] })
})

t.test('ignores the length of a response of an earlier hook that did not reach the client', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (request, reply) => {
    request.raw.socket.destroy()
    return reply.send('early')
  })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.get('/x', async () => 'late')
  const socket = await openRawConnection(await listen(fastify))
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'close')
  await assertIdle(t, fastify, 1)
  await checkSizes(t, fastify, { 'GET /x': [0, 0] })
})

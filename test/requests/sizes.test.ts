import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { Readable } from 'node:stream'
import t from 'tap'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle } from '../fixtures/request-counts.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { samples } from '../fixtures/samples.js'

const options = { requests: { sizes: true } } as const

/** Count and sum of the sizes of a route, as [received, sent]. */
async function sizes (fastify: FastifyInstance, method: string, path: string): Promise<Record<'count' | 'sum', Array<number | undefined>>> {
  const all = await samples(fastify.metrics.registry)
  const of = (name: string) => ['request', 'response'].map(side => all[`dynoai_${side}_size_bytes_${name}{method="${method}",path="${path}"}`])
  return { count: of('count'), sum: of('sum') }
}

async function app (
  t: Parameters<typeof createMeasuredFastify>[0], addRoutes = (_fastify: FastifyInstance): void => {}
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

t.test('there is no size without the option', async t => {
  const fastify = await createMeasuredFastify(t)
  await fastify.inject('/x')
  t.notMatch(await fastify.metrics.registry.metrics(), 'size_bytes')
})

t.test('has the buckets of the contract', async t => {
  const { fastify } = await app(t)
  await fastify.inject('/buffer')
  t.match(await samples(fastify.metrics.registry), {
    'dynoai_response_size_bytes_bucket{le="100",method="GET",path="/buffer"}': 0,
    'dynoai_response_size_bytes_bucket{le="1000",method="GET",path="/buffer"}': 1,
    'dynoai_response_size_bytes_bucket{le="100000000",method="GET",path="/buffer"}': 1
  })
})

t.test('counts the bytes of bodies as they pass, on a socket, injected and over HTTP/2', async t => {
  const bodies = [
    ['POST', '/echo', JSON.stringify({ text: 'é'.repeat(50) }), 111, 111],
    ['GET', '/plain', '', 0, 200],
    ['GET', '/buffer', '', 0, 300],
    ['GET', '/stream', '', 0, 1500],
    ['GET', '/empty', '', 0, 0],
    ['HEAD', '/plain', '', 0, 0]
  ] as const
  const { fastify, origin } = await app(t)
  for (const [method, path, body] of bodies) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(origin + path, { method, ...(body && { body, headers }) })
    await response.arrayBuffer()
    await fastify.inject({ method, url: path, ...(body && { payload: body, headers }) })
  }
  await assertIdle(t, fastify, 2 * bodies.length)
  for (const [method, path, , received, sent] of bodies) {
    t.strictSame(await sizes(fastify, method, path), { count: [2, 2], sum: [2 * received, 2 * sent] }, `${method} ${path}`)
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
  t.strictSame(await sizes(second, 'POST', '/echo'), { count: [1, 1], sum: [700, 700] })
})

t.test('counts a chunked request body, without its framing', async t => {
  const { fastify, origin } = await app(t)
  const request = httpRequest(`${origin}/echo`, { method: 'POST', headers: { 'content-type': 'text/plain' } })
  request.write('a'.repeat(30))
  request.end('b'.repeat(20))
  const [response] = await once(request, 'response')
  response.resume()
  await assertIdle(t, fastify, 1)
  t.strictSame(await sizes(fastify, 'POST', '/echo'), { count: [1, 1], sum: [50, 50] })
})

t.test('counts hijacked responses in the encoding that they are written in', async t => {
  const { fastify, origin } = await app(t)
  await (await fetch(`${origin}/latin1`)).arrayBuffer()
  await assertIdle(t, fastify, 1)
  t.strictSame(await sizes(fastify, 'GET', '/latin1'), { count: [1, 1], sum: [0, 1 + 2] })
})

t.test('counts what had passed when a client left', async t => {
  const { fastify, origin } = await app(t)
  const socket = await openRawConnection(origin)
  const arrived = once(fastify.server, 'request')
  socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n' + 'x'.repeat(40))
  await arrived
  socket.destroy()
  await assertIdle(t, fastify, 1)
  t.strictSame(await sizes(fastify, 'POST', '/echo'), { count: [1, 1], sum: [40, 0] })
})

t.test('takes what headers declare for a request that an earlier hook answered', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (_request, reply) => reply.send('early'))
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.post('/x', async () => 'late')
  await fastify.inject({ method: 'POST', url: '/x', payload: 'abc' })
  await fastify.inject({ method: 'HEAD', url: '/nowhere' })
  t.strictSame(await sizes(fastify, 'POST', '/x'), { count: [1, 1], sum: [3, 5] })
  t.strictSame(await sizes(fastify, 'HEAD', '__unmatched__'), { count: [1, 1], sum: [0, 0] })
})

t.test('declares nothing for a response without a body, nor for lengths that are none', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (_request, reply) => reply.code(304).header('content-length', 5000).send())
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.get('/x', async () => 'late')
  await fastify.inject({ url: '/x', headers: { 'content-length': 'zz' } })
  t.strictSame(await sizes(fastify, 'GET', '/x'), { count: [1, 1], sum: [0, 0] })
})

t.test('counts no byte that is written after the end', async t => {
  const { fastify, origin } = await app(t)
  await (await fetch(`${origin}/after-end`)).arrayBuffer()
  await assertIdle(t, fastify, 1)
  t.strictSame(await sizes(fastify, 'GET', '/after-end'), { count: [1, 1], sum: [0, 3] })
})

t.test('takes no header\'s word for a body whose client left during an earlier hook', async t => {
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
  t.strictSame(await sizes(fastify, 'POST', '/x'), { count: [1, 1], sum: [3, 0] })
})

t.test('counts a body that an asynchronous hook before ours let in', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async request => { while (request.raw.readableLength === 0) await new Promise(setImmediate) })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  fastify.post('/x', async request => request.body)
  const origin = await listen(fastify)
  const socket = await openRawConnection(origin)
  socket.write('POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 40\r\n\r\n' + 'x'.repeat(40))
  await readData(socket)
  await assertIdle(t, fastify, 1)
  t.strictSame(await sizes(fastify, 'POST', '/x'), { count: [1, 1], sum: [40, 40] })
})

t.test('counts no byte that is written once the client is gone', async t => {
  const breaks: Readonly<Record<string, (request: FastifyRequest, reply: FastifyReply) => void>> = {
    destroy: request => { request.raw.socket.destroy() },
    'destroy-soon': request => { request.raw.socket.destroySoon() },
    'destroy-response': (_request, reply) => { reply.raw.destroy() }
  }
  const { fastify, origin } = await app(t, fastify => {
    for (const [name, breakOff] of Object.entries(breaks)) {
      fastify.get(`/${name}`, (request, reply) => {
        reply.hijack()
        reply.raw.write('some')
        breakOff(request, reply)
        reply.raw.write('more')
        reply.raw.end('end')
      })
      fastify.get(`/${name}-and-send`, (request, reply) => {
        breakOff(request, reply)
        reply.send('text')
      })
    }
  })
  const urls = Object.keys(breaks).flatMap(name => [[`/${name}`, 4], [`/${name}-and-send`, 0]] as const)
  for (const [url] of urls) {
    const socket = await openRawConnection(origin)
    socket.resume().write(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'close')
  }
  await assertIdle(t, fastify, urls.length)
  for (const [url, sent] of urls) t.strictSame(await sizes(fastify, 'GET', url), { count: [1, 1], sum: [0, sent] }, url)
})

t.test('counts no byte that is written once a stream of HTTP/2 is over', async t => {
  const fastify = createFastify(t, { http2: true } as object)
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
  const breaks = ['close', 'destroy'] as const
  for (const name of breaks) {
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
  for (const name of breaks) {
    const stream = session.request({ ':path': `/${name}` })
    stream.on('error', () => {})
    stream.resume()
    await once(stream, 'close')
  }
  await assertIdle(t, fastify, breaks.length)
  for (const name of breaks) t.strictSame(await sizes(fastify, 'GET', `/${name}`), { count: [1, 1], sum: [0, 4] }, name)
})

t.test('counts no byte of a pipelined response whose turn never came', async t => {
  let countResponse = (): void => {}
  const isAnswered = new Promise<void>(resolve => { countResponse = resolve })
  const { fastify, origin } = await app(t, fastify => {
    fastify.get('/wait', () => {})
    fastify.get('/waits-its-turn', (_request, reply) => {
      reply.send('text')
      setImmediate(countResponse)
    })
  })
  const socket = await openRawConnection(origin)
  socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /waits-its-turn HTTP/1.1\r\nHost: x\r\n\r\n')
  await isAnswered
  socket.destroy()
  await assertIdle(t, fastify, 2)
  t.strictSame(await sizes(fastify, 'GET', '/waits-its-turn'), { count: [1, 1], sum: [0, 0] })
})

t.test('goes by the status that was sent: 204 has no body, whatever is set after it', async t => {
  const { fastify, origin } = await app(t, fastify => {
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
  t.strictSame(await sizes(fastify, 'GET', '/204'), { count: [1, 1], sum: [0, 0] })
  t.strictSame(await sizes(fastify, 'GET', '/200'), { count: [1, 1], sum: [0, 4] })
})

t.test('takes no header\'s word for a response of an earlier hook that nobody got', async t => {
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
  t.strictSame(await sizes(fastify, 'GET', '/x'), { count: [1, 1], sum: [0, 0] })
})

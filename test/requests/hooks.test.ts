import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import websocket from '@fastify/websocket'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { requestUpgrade } from '../fixtures/request-upgrade.js'
import { readSamples } from '../fixtures/samples.js'

t.test('counts a request by its route, method and status', async t => {
  const fastify = await createMeasuredFastify(t)
  fastify.get('/api/status/:runId', async () => 'ok')
  fastify.put('/api/status/:runId', async (_request, reply) => reply.code(201).send())
  fastify.get('/boom', async () => { throw new Error('boom') })
  await fastify.register(async scope => { scope.get('/in', async () => 'in') }, { prefix: '/scope/:tenant' })
  await fastify.inject('/api/status/1')
  await fastify.inject('/api/status/2?x=1')
  await fastify.inject({ method: 'HEAD', url: '/api/status/3' })
  await fastify.inject({ method: 'PUT', url: '/api/status/4' })
  await fastify.inject('/boom')
  await fastify.inject('/scope/a/in')
  await fastify.inject('/nowhere/1')
  await fastify.inject('/nowhere/2')
  t.strictSame(await readRequestCounts(fastify), {
    'GET /api/status/:runId 200': 2,
    'HEAD /api/status/:runId 200': 1,
    'PUT /api/status/:runId 201': 1,
    'GET /boom 500': 1,
    'GET /scope/:tenant/in 200': 1,
    'GET __unmatched__ 404': 2
  })
  await assertIdle(t, fastify, 8)
})

t.test('measures from arrival to the end of the response, in seconds', async t => {
  const fastify = await createMeasuredFastify(t)
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  fastify.get('/slow', (_request, reply) => {
    t.clock.advance(300)
    reply.send('done')
  })
  await fastify.inject('/slow')
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_request_duration_seconds_bucket{le="0.25",method="GET",path="/slow",status="200"}': 0,
    'dynoai_request_duration_seconds_bucket{le="0.5",method="GET",path="/slow",status="200"}': 1,
    'dynoai_request_duration_seconds_sum{method="GET",path="/slow",status="200"}': 0.3
  })
})

t.test('derives requests_total, and counts exceptions that end in 5xx', async t => {
  const fastify = await createMeasuredFastify(t)
  fastify.get('/a', async () => 'ok')
  fastify.get('/b', async () => 'ok')
  fastify.get('/boom', async () => { throw new Error('boom') })
  fastify.get('/bad', async () => { throw Object.assign(new Error('bad'), { statusCode: 400 }) })
  fastify.get('/sent', async (_request, reply) => reply.code(500).send({ not: 'an error' }))
  for (const url of ['/a', '/b', '/boom', '/boom', '/bad', '/sent']) await fastify.inject(url)
  const all = await readSamples(fastify.metrics.registry)
  t.match(all, {
    'dynoai_requests_total{method="GET",status="200"}': 2,
    'dynoai_requests_total{method="GET",status="500"}': 3,
    'dynoai_requests_total{method="GET",status="400"}': 1,
    'dynoai_request_exceptions_total{method="GET",path="/boom"}': 2,
    'dynoai_request_exceptions_total{method="GET",path="/bad"}': 0,
    'dynoai_request_exceptions_total{method="GET",path="/sent"}': 0
  })
  fastify.metrics.registry.resetMetrics()
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_requests_total{method="GET",status="200"}': 0,
    'dynoai_request_exceptions_total{method="GET",path="/boom"}': 0
  })
})

t.test('counts routes declared before the plugin, also when register is not awaited', async t => {
  const fastify = createFastify(t)
  fastify.get('/before', async () => 'ok')
  fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  fastify.get('/after', async () => 'ok')
  await fastify.inject('/before')
  await fastify.inject('/after')
  t.strictSame(await readRequestCounts(fastify), { 'GET /before 200': 1, 'GET /after 200': 1 })
})

t.test('counts routes of a scope that was registered before the plugin', async t => {
  const fastify = createFastify(t)
  let inFlight: unknown
  fastify.register(async scope => {
    scope.get('/in', async () => {
      inFlight = (await readSamples(fastify.metrics.registry))['dynoai_requests_in_flight']
    })
    scope.get('/boom', async () => { throw new Error('boom') })
    scope.get('/wait', () => {})
  }, { prefix: '/scope' })
  fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  const origin = await listen(fastify)
  await fetch(`${origin}/scope/in`)
  await fetch(`${origin}/scope/in`)
  await fetch(`${origin}/scope/boom`)
  t.equal(inFlight, 1)
  const socket = await openRawConnection(origin)
  const arrived = once(fastify.server, 'request')
  socket.write('GET /scope/wait HTTP/1.1\r\nHost: x\r\n\r\n')
  await arrived
  socket.destroy()
  await assertIdle(t, fastify, 4)
  t.strictSame(await readRequestCounts(fastify), {
    'GET /scope/in 200': 2, 'GET /scope/boom 500': 1, 'GET /scope/wait 499': 1
  })
})

t.test('counts a response that an earlier hook sends', async t => {
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.headers['x-early']) return reply.code(401).send()
  })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  fastify.get('/x', async () => 'ok')
  await fastify.inject({ url: '/x', headers: { 'x-early': '1' } })
  await fastify.inject('/x')
  t.strictSame(await readRequestCounts(fastify), { 'GET /x 200': 1, 'GET /x 401': 1 })
  await assertIdle(t, fastify, 2)
})

t.test('counts a response as completed when its socket closes while an earlier onResponse hook waits', async t => {
  for (const turns of [0, 1, 2, 3]) {
    const fastify = createFastify(t)
    fastify.addHook('onResponse', async () => {
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
    })
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
    fastify.get('/x', async () => 'ok')
    const origin = await listen(fastify)
    for (let i = 0; i < 10; i++) {
      const socket = await openRawConnection(origin)
      socket.write('GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      socket.resume()
      await once(socket, 'close')
    }
    await assertIdle(t, fastify, 10)
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 200': 10 }, `${turns} turns of the event loop`)
  }
})

t.test('counts a request in flight while its handler runs', async t => {
  const fastify = await createMeasuredFastify(t)
  let inFlight: unknown
  fastify.get('/x', async () => {
    inFlight = (await readSamples(fastify.metrics.registry))['dynoai_requests_in_flight']
  })
  await fastify.inject('/x')
  t.equal(inFlight, 1)
  await assertIdle(t, fastify, 1)
})

t.test('counts a client that disconnects as 499', async t => {
  const fastify = await createMeasuredFastify(t)
  const waiting = new Promise<void>(resolve => {
    fastify.get('/wait', () => { resolve() })
  })
  const origin = await listen(fastify)
  const socket = await openRawConnection(origin)
  socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n')
  await waiting
  t.match(await readSamples(fastify.metrics.registry), { dynoai_requests_in_flight: 1 })
  socket.destroy()
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'GET /wait 499': 1 })
})

t.test('counts a client that disconnects during an earlier hook once, even when the hook then continues', async t => {
  const fastify = createFastify(t)
  let continueHook: () => void = () => {}
  const waiting = new Promise<void>(resolve => {
    fastify.addHook('onRequest', (_request, _reply, done) => {
      continueHook = done
      resolve()
    })
  })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  fastify.get('/x', async () => 'ok')
  const origin = await listen(fastify)
  const socket = await openRawConnection(origin)
  socket.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
  await waiting
  socket.destroy()
  await assertIdle(t, fastify, 1)
  continueHook()
  await nextTurn()
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'GET /x 499': 1 })
})

t.test('counts an accepted upgrade as 101 when its socket closes, and a refused one by its response', async t => {
  const fastify = await createMeasuredFastify(t)
  await fastify.register(websocket)
  fastify.get('/socket', {
    websocket: true,
    preValidation: async (request, reply) => { if (request.headers['x-refuse']) return reply.code(403).send() }
  }, () => {})
  const origin = await listen(fastify)
  const refused = await requestUpgrade(origin, '/socket', 'x-refuse: 1\r\n')
  t.match(refused.head, /^HTTP\/1\.1 403/)
  refused.socket.destroy()
  // When the server has no more connections, it has processed the close.
  while (await promisify(fastify.server.getConnections.bind(fastify.server))() > 0) await nextTurn()
  await assertIdle(t, fastify, 1)

  const accepted = await requestUpgrade(origin, '/socket')
  t.match(accepted.head, /^HTTP\/1\.1 101/)
  t.match(await readSamples(fastify.metrics.registry), { dynoai_requests_in_flight: 0 }, 'an upgrade is not in flight')
  t.strictSame(await readRequestCounts(fastify), { 'GET /socket 403': 1 })
  accepted.socket.destroy()
  await assertIdle(t, fastify, 2)
  t.strictSame(await readRequestCounts(fastify), { 'GET /socket 403': 1, 'GET /socket 101': 1 })
})

t.test('counts a request of an analysis route as an analysis, by its outcome', async t => {
  const fastify = createFastify(t)
  const config = { metrics: { analysis: { source: 'jetstream' } } } as const
  fastify.post('/before', { config }, async () => 'ok')
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  fastify.post('/after', { config: { metrics: { analysis: {} } } }, async () => 'ok')
  fastify.post('/bad', { config }, async (_request, reply) => reply.code(400).send())
  fastify.post('/redirect', { config }, async (_request, reply) => reply.code(303).send())
  fastify.post('/wait', { config }, () => {})
  for (const url of ['/before', '/after', '/bad', '/redirect']) await fastify.inject({ method: 'POST', url })
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_analysis_total{status="success",source="jetstream"}': 2,
    'dynoai_analysis_total{status="success",source="upload"}': 1,
    'dynoai_analysis_total{status="error",source="jetstream"}': 1,
    'dynoai_analysis_duration_seconds_count{status="success",source="jetstream"}': 2,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 1,
    'dynoai_analysis_duration_seconds_count{status="error",source="jetstream"}': 1
  })

  const socket = await openRawConnection(await listen(fastify))
  socket.write('POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
  await once(fastify.server, 'request')
  socket.destroy()
  await assertIdle(t, fastify, 5)
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_analysis_total{status="error",source="jetstream"}': 2
  }, 'an incomplete response is an error')
})

t.test('counts analyses of routes without request metrics, and requests without DynoAI metrics', async t => {
  const config = { metrics: { analysis: { source: 'simulator' } } } as const
  const analysesOnly = await createMeasuredFastify(t, { requests: false })
  analysesOnly.get('/x', { config }, async () => 'ok')
  await analysesOnly.inject('/x')
  t.match(await readSamples(analysesOnly.metrics.registry), {
    'dynoai_analysis_total{status="success",source="simulator"}': 1
  })
  t.strictSame(await readSamples(analysesOnly.metrics.registry, 'dynoai_request'), {})

  const requestsOnly = await createMeasuredFastify(t, { dynoai: false })
  requestsOnly.get('/x', { config }, async () => 'ok')
  await requestsOnly.inject('/x')
  t.strictSame(await readSamples(requestsOnly.metrics.registry, 'dynoai_analysis'), {})
  t.strictSame(await readRequestCounts(requestsOnly), { 'GET /x 200': 1 })
})

t.test('counts all non-standard methods as _OTHER', async t => {
  const fastify = await createMeasuredFastify(t)
  for (const method of ['PROPFIND', 'MKCOL']) {
    fastify.addHttpMethod(method)
    fastify.route({ method, url: '/dav', handler: async () => 'ok' })
  }
  for (const method of ['PROPFIND', 'MKCOL', 'PROPFIND']) await fastify.inject({ method: method as 'GET', url: '/dav' })
  t.strictSame(await readRequestCounts(fastify), { '_OTHER /dav 200': 3 })
})

import t from 'tap'
import swagger from '@fastify/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Registry } from 'prom-client'
import { createFastify, createMeasuredFastify } from '../fixtures/app.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { samples } from '../fixtures/samples.js'

t.test('answers GET with the exposition', async t => {
  const fastify = await createMeasuredFastify(t)
  const response = await fastify.inject('/metrics')
  t.equal(response.statusCode, 200)
  t.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.match(response.body, '# TYPE dynoai_analysis_total counter')
})

t.test('answers HEAD without a body, whatever exposeHeadRoutes says', async t => {
  for (const exposeHeadRoutes of [true, false]) {
    const fastify = await createMeasuredFastify(t, {}, { exposeHeadRoutes })
    const response = await fastify.inject({ method: 'HEAD', url: '/metrics' })
    t.equal(response.statusCode, 200)
    t.equal(response.body, '')
    t.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  }
})

t.test('answers every other method with 405, before a body is parsed', async t => {
  const fastify = await createMeasuredFastify(t)
  for (const method of fastify.supportedMethods.filter(method => method !== 'GET' && method !== 'HEAD')) {
    const response = await fastify.inject({ method: method as 'POST', url: '/metrics' })
    t.equal(response.statusCode, 405, method)
    t.equal(response.headers.allow, 'GET, HEAD')
  }
  const response = await fastify.inject({ method: 'POST', url: '/metrics', headers: { 'content-type': 'application/json' }, payload: '{broken' })
  t.equal(response.statusCode, 405)
})

t.test('leaves alone what the application has at its path with another method', async t => {
  const fastify = createFastify(t)
  fastify.post('/metrics', async () => 'mine')
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  t.equal((await fastify.inject({ method: 'POST', url: '/metrics' })).body, 'mine')
  t.equal((await fastify.inject({ method: 'PUT', url: '/metrics' })).statusCode, 405)
})

t.test('does not count itself, with any method', async t => {
  const fastify = await createMeasuredFastify(t)
  let scrape = ''
  for (const method of fastify.supportedMethods) {
    const response = await fastify.inject({ method: method as 'GET', url: '/metrics' })
    if (method === 'GET') scrape = response.body
  }
  for (const url of ['/metrics', '/metrics?name[]=x']) await fastify.inject({ method: 'PROPFIND' as 'GET', url })
  t.strictSame(await samples(fastify.metrics.registry, 'dynoai_request_duration'), {})
  await fastify.inject({ method: 'PROPFIND' as 'GET', url: '/metricsx' })
  t.match(await samples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="_OTHER",path="__unmatched__",status="404"}': 1
  })
  t.match(scrape, /^dynoai_requests_in_flight 0$/m)
})

t.test('goes by what a scraper accepts, not by the content type of the registry', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  const fastify = await createMeasuredFastify(t, { registry })
  const response = await fastify.inject('/metrics')
  t.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.notMatch(response.body, /# EOF\n$/)
})

t.test('is not there when it is switched off, and says nothing of itself', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: false })
  for (const method of ['GET', 'POST'] as const) t.equal((await fastify.inject({ method, url: '/metrics' })).statusCode, 404)
  const exposed = await samples(fastify.metrics.registry)
  t.match(exposed, { 'dynoai_request_duration_seconds_count{method="GET",path="__unmatched__",status="404"}': 1 })
  t.strictSame(Object.keys(exposed).filter(name => name.includes('scrape')), [])
  t.equal(fastify.metrics.address, null)
})

t.test('takes hooks, constraints and the like of a route, but stays uncounted', async t => {
  const seen: string[] = []
  const fastify = await createMeasuredFastify(t, {
    endpoint: {
      routeOptions: {
        constraints: { host: 'internal' },
        config: { mine: true } as object,
        onRequest: async (request, reply) => {
          seen.push(`${request.method} ${JSON.stringify(request.routeOptions.config)}`)
          if (request.headers['x-pass'] === undefined) await reply.code(403).send('no')
        }
      }
    }
  })
  fastify.get('/metrics', async () => 'public')
  const inject = async (method: 'GET' | 'HEAD' | 'POST', host: string, headers = {}) => await fastify.inject({ method, url: '/metrics', headers: { host, ...headers } })
  t.equal((await inject('GET', 'internal')).statusCode, 403)
  t.equal((await inject('POST', 'internal')).statusCode, 403)
  t.match(await inject('GET', 'internal', { 'x-pass': '1' }), { statusCode: 200, body: 'dynoai_requests_total' })
  t.match(await inject('POST', 'internal', { 'x-pass': '1' }), { statusCode: 405 })
  t.equal((await inject('GET', 'public')).body, 'public')
  t.equal((await inject('POST', 'public')).statusCode, 404)
  t.strictSame(seen.map(line => line.slice(0, 5)), ['GET {', 'POST ', 'GET {', 'POST '])
  t.match(seen[0], '"mine":true')
  t.strictSame(await samples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="GET",path="/metrics",status="200"}': 1,
    'dynoai_request_duration_seconds_count{method="POST",path="__unmatched__",status="404"}': 1
  })
})

t.test('stands beside routes of its path that have other constraints', async t => {
  const fastify = createFastify(t)
  for (const method of ['GET', 'POST'] as const) fastify.route({ method, url: '/metrics', constraints: { host: 'public' }, handler: async () => 'public' })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, endpoint: { routeOptions: { constraints: { host: 'internal' } } } })
  for (const method of ['GET', 'POST'] as const) {
    t.equal((await fastify.inject({ method, url: '/metrics', headers: { host: 'public' } })).body, 'public')
    t.equal((await fastify.inject({ method, url: '/metrics', headers: { host: 'internal' } })).statusCode, method === 'GET' ? 200 : 405)
  }
})

t.test('takes arrays of hooks and no constraint that is none', async t => {
  let calls = 0
  const hook = async (): Promise<void> => { calls++ }
  const fastify = await createMeasuredFastify(t, { endpoint: { routeOptions: { onRequest: [hook, hook] } } })
  t.equal((await fastify.inject({ method: 'PUT', url: '/metrics' })).statusCode, 405)
  t.equal(calls, 2)
})

t.test('is not in a description of the API', async t => {
  const fastify = createFastify(t)
  await fastify.register(swagger, { openapi: {} })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  fastify.get('/api/health', async () => 'ok')
  await fastify.ready()
  t.strictSame(Object.keys(fastify.swagger().paths ?? {}), ['/api/health'])

  const shown = createFastify(t)
  await shown.register(swagger, { openapi: {} })
  await shown.register(dynoaiMetrics, { runtimeMetrics: false, endpoint: { routeOptions: { schema: { hide: false, summary: 'Metrics' } } } })
  await shown.ready()
  t.match(shown.swagger().paths, { '/metrics': { get: { summary: 'Metrics' } } }, 'unless the application wants it there')
})

t.test('stands below the prefix of its scope and its own', async t => {
  const fastify = createFastify(t)
  await fastify.register(async scope => {
    await scope.register(dynoaiMetrics, { runtimeMetrics: false, path: '/stats', prefix: '/internal' })
  }, { prefix: '/v1' })
  t.equal((await fastify.inject('/v1/internal/stats')).statusCode, 200)
  t.equal((await fastify.inject('/stats')).statusCode, 404)
})

t.test('refuses a path that has a route, with GET, HEAD or a prefix', async t => {
  const taken = { code: 'DYNOAI_METRICS_ERR_PATH_TAKEN' }
  const get = createFastify(t, { exposeHeadRoutes: false })
  get.get('/metrics', async () => 'mine')
  await t.rejects(async () => await get.register(dynoaiMetrics), { ...taken, message: /METRICS_PATH.*Received: the string "\/metrics"/ })

  const head = createFastify(t)
  head.head('/metrics', async () => 'mine')
  await t.rejects(async () => await head.register(dynoaiMetrics), taken)

  const prefixed = createFastify(t)
  prefixed.get('/v1/stats', async () => 'mine')
  await t.rejects(async () => await prefixed.register(async scope => {
    await scope.register(dynoaiMetrics, { path: '/stats' })
  }, { prefix: '/v1/' }), { ...taken, message: /Received: the string "\/v1\/stats"/ })
})

t.test('logs no request, unless the register options or those of the route say so', async t => {
  const { logger, lines } = createCapturingLogger('info')
  const fastify = createFastify(t, { logger })
  await fastify.register(dynoaiMetrics, { logLevel: 'info', logSerializers: { req: () => 'serialised' } })
  await fastify.inject('/metrics')
  t.match(lines, [{ req: 'serialised' }, { msg: 'request completed' }])

  const byRoute = createCapturingLogger('info')
  const routed = await createMeasuredFastify(t, { endpoint: { routeOptions: { logLevel: 'info', logSerializers: { req: () => 'routed' } } } }, { logger: byRoute.logger })
  await routed.inject('/metrics')
  t.match(byRoute.lines, [{ req: 'routed' }, { msg: 'request completed' }])

  const quiet = createCapturingLogger('trace')
  const silent = await createMeasuredFastify(t, {}, { logger: quiet.logger })
  for (const method of ['GET', 'HEAD', 'POST'] as const) await silent.inject({ method, url: '/metrics' })
  t.strictSame(quiet.lines, [])
})

t.test('runs a hook that the options of the route inherit', async t => {
  class Guarded {
    async onRequest (_request: FastifyRequest, reply: FastifyReply): Promise<unknown> { return await reply.code(403).send() }
  }
  const fastify = await createMeasuredFastify(t, { endpoint: { routeOptions: new Guarded() } })
  t.equal((await fastify.inject('/metrics')).statusCode, 403)
})

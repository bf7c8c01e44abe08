import t from 'tap'
import swagger from '@fastify/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Registry } from 'prom-client'
import { createFastify, createMeasuredFastify } from '../fixtures/app.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { readSamples } from '../fixtures/samples.js'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'

t.test('responds to GET with the exposition', async t => {
  const fastify = await createMeasuredFastify(t)
  const response = await fastify.inject('/metrics')
  t.equal(response.statusCode, 200)
  t.equal(response.headers['content-type'], TEXT)
  t.match(response.body, '# TYPE dynoai_analysis_total counter')
})

t.test('responds to HEAD without a body, with any value of exposeHeadRoutes', async t => {
  for (const exposeHeadRoutes of [true, false]) {
    const fastify = await createMeasuredFastify(t, {}, { exposeHeadRoutes })
    const response = await fastify.inject({ method: 'HEAD', url: '/metrics' })
    t.equal(response.statusCode, 200)
    t.equal(response.body, '')
    t.equal(response.headers['content-type'], TEXT)
  }
})

t.test('responds to other methods with 405, before a body is parsed', async t => {
  const fastify = await createMeasuredFastify(t)
  for (const method of fastify.supportedMethods.filter(method => method !== 'GET' && method !== 'HEAD')) {
    const response = await fastify.inject({ method: method as 'POST', url: '/metrics' })
    t.equal(response.statusCode, 405, method)
    t.equal(response.headers.allow, 'GET, HEAD')
  }
  const headers = { 'content-type': 'application/json' }
  const response = await fastify.inject({ method: 'POST', url: '/metrics', headers, payload: '{broken' })
  t.equal(response.statusCode, 405)
})

t.test('does not replace a route of the application at its path with another method', async t => {
  const fastify = createFastify(t)
  fastify.post('/metrics', async () => 'application')
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  t.equal((await fastify.inject({ method: 'POST', url: '/metrics' })).body, 'application')
  t.equal((await fastify.inject({ method: 'PUT', url: '/metrics' })).statusCode, 405)
})

t.test('does not measure requests to the endpoint, with any method', async t => {
  const fastify = await createMeasuredFastify(t)
  let scrape = ''
  for (const method of fastify.supportedMethods) {
    const response = await fastify.inject({ method: method as 'GET', url: '/metrics' })
    if (method === 'GET') scrape = response.body
  }
  for (const url of ['/metrics', '/metrics?name[]=x']) await fastify.inject({ method: 'PROPFIND' as 'GET', url })
  t.strictSame(await readSamples(fastify.metrics.registry, 'dynoai_request_duration'), {})
  await fastify.inject({ method: 'PROPFIND' as 'GET', url: '/metricsx' })
  t.match(await readSamples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="_OTHER",path="__unmatched__",status="404"}': 1
  })
  t.match(scrape, /^dynoai_requests_in_flight 0$/m)
})

t.test('uses the Accept header of a scraper, not the content type of the registry', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  const fastify = await createMeasuredFastify(t, { registry })
  const response = await fastify.inject('/metrics')
  t.equal(response.headers['content-type'], TEXT)
  t.notMatch(response.body, /# EOF\n$/)
})

t.test('adds no route and no metrics of scrapes when the endpoint is disabled', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: false })
  for (const method of ['GET', 'POST'] as const) {
    t.equal((await fastify.inject({ method, url: '/metrics' })).statusCode, 404)
  }
  const exposed = await readSamples(fastify.metrics.registry)
  t.match(exposed, { 'dynoai_request_duration_seconds_count{method="GET",path="__unmatched__",status="404"}': 1 })
  t.strictSame(Object.keys(exposed).filter(name => name.includes('scrape')), [])
  t.equal(fastify.metrics.address, null)
})

t.test('accepts the options of a route, such as hooks and constraints, and is still not measured', async t => {
  const seen: string[] = []
  const fastify = await createMeasuredFastify(t, {
    endpoint: {
      routeOptions: {
        constraints: { host: 'internal' },
        config: { application: true } as object,
        onRequest: async (request, reply) => {
          seen.push(`${request.method} ${JSON.stringify(request.routeOptions.config)}`)
          if (request.headers['x-pass'] === undefined) await reply.code(403).send('no')
        }
      }
    }
  })
  fastify.get('/metrics', async () => 'public')
  const inject = async (method: 'GET' | 'HEAD' | 'POST', host: string, headers = {}) =>
    await fastify.inject({ method, url: '/metrics', headers: { host, ...headers } })
  t.equal((await inject('GET', 'internal')).statusCode, 403)
  t.equal((await inject('POST', 'internal')).statusCode, 403)
  t.match(await inject('GET', 'internal', { 'x-pass': '1' }), { statusCode: 200, body: 'dynoai_requests_total' })
  t.match(await inject('POST', 'internal', { 'x-pass': '1' }), { statusCode: 405 })
  t.equal((await inject('GET', 'public')).body, 'public')
  t.equal((await inject('POST', 'public')).statusCode, 404)
  t.strictSame(seen.map(line => line.slice(0, 5)), ['GET {', 'POST ', 'GET {', 'POST '])
  t.match(seen[0], '"application":true')
  t.strictSame(await readSamples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {
    'dynoai_request_duration_seconds_count{method="GET",path="/metrics",status="200"}': 1,
    'dynoai_request_duration_seconds_count{method="POST",path="__unmatched__",status="404"}': 1
  })
})

t.test('coexists with routes of the same path that have other constraints', async t => {
  const fastify = createFastify(t)
  for (const method of ['GET', 'POST'] as const) {
    fastify.route({ method, url: '/metrics', constraints: { host: 'public' }, handler: async () => 'public' })
  }
  const endpoint = { routeOptions: { constraints: { host: 'internal' } } }
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, endpoint })
  for (const [method, status] of [['GET', 200], ['POST', 405]] as const) {
    t.equal((await fastify.inject({ method, url: '/metrics', headers: { host: 'public' } })).body, 'public')
    t.equal((await fastify.inject({ method, url: '/metrics', headers: { host: 'internal' } })).statusCode, status)
  }
})

t.test('accepts an array of hooks, without constraints', async t => {
  let calls = 0
  const hook = async (): Promise<void> => { calls++ }
  const fastify = await createMeasuredFastify(t, { endpoint: { routeOptions: { onRequest: [hook, hook] } } })
  t.equal((await fastify.inject({ method: 'PUT', url: '/metrics' })).statusCode, 405)
  t.equal(calls, 2)
})

t.test('is not in the API description of @fastify/swagger, unless the route options say so', async t => {
  const fastify = createFastify(t)
  await fastify.register(swagger, { openapi: {} })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  fastify.get('/api/health', async () => 'ok')
  await fastify.ready()
  t.strictSame(Object.keys(fastify.swagger().paths ?? {}), ['/api/health'])

  const described = createFastify(t)
  await described.register(swagger, { openapi: {} })
  const endpoint = { routeOptions: { schema: { hide: false, summary: 'Metrics' } } }
  await described.register(dynoaiMetrics, { runtimeMetrics: false, endpoint })
  await described.ready()
  t.match(described.swagger().paths, { '/metrics': { get: { summary: 'Metrics' } } })
})

t.test('adds the prefix of the scope and the `prefix` option to its path', async t => {
  const fastify = createFastify(t)
  await fastify.register(async scope => {
    await scope.register(dynoaiMetrics, { runtimeMetrics: false, path: '/stats', prefix: '/internal' })
  }, { prefix: '/v1' })
  t.equal((await fastify.inject('/v1/internal/stats')).statusCode, 200)
  t.equal((await fastify.inject('/stats')).statusCode, 404)
})

t.test('rejects a path that has a GET or HEAD route, also with a prefix', async t => {
  const code = 'DYNOAI_METRICS_ERR_PATH_TAKEN'
  const get = createFastify(t, { exposeHeadRoutes: false })
  get.get('/metrics', async () => 'application')
  const message = /METRICS_PATH.*Received: the string "\/metrics"/
  await t.rejects(async () => await get.register(dynoaiMetrics), { code, message })

  const head = createFastify(t)
  head.head('/metrics', async () => 'application')
  await t.rejects(async () => await head.register(dynoaiMetrics), { code })

  const prefixed = createFastify(t)
  prefixed.get('/v1/stats', async () => 'application')
  await t.rejects(async () => await prefixed.register(async scope => {
    await scope.register(dynoaiMetrics, { path: '/stats' })
  }, { prefix: '/v1/' }), { code, message: /Received: the string "\/v1\/stats"/ })
})

t.test('logs no request, unless the register options or the route options say so', async t => {
  const { logger, lines } = createCapturingLogger('info')
  const fastify = createFastify(t, { logger })
  await fastify.register(dynoaiMetrics, { logLevel: 'info', logSerializers: { req: () => 'serialised' } })
  await fastify.inject('/metrics')
  t.match(lines, [{ req: 'serialised' }, { msg: 'request completed' }])

  const routed = createCapturingLogger('info')
  const endpoint = { routeOptions: { logLevel: 'info', logSerializers: { req: () => 'routed' } } } as const
  const withRouteOptions = await createMeasuredFastify(t, { endpoint }, { logger: routed.logger })
  await withRouteOptions.inject('/metrics')
  t.match(routed.lines, [{ req: 'routed' }, { msg: 'request completed' }])

  const silent = createCapturingLogger('trace')
  const byDefault = await createMeasuredFastify(t, {}, { logger: silent.logger })
  for (const method of ['GET', 'HEAD', 'POST'] as const) await byDefault.inject({ method, url: '/metrics' })
  t.strictSame(silent.lines, [])
})

t.test('runs a hook that the route options inherit', async t => {
  class GuardedRoute {
    async onRequest (_request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      return await reply.code(403).send()
    }
  }
  const fastify = await createMeasuredFastify(t, { endpoint: { routeOptions: new GuardedRoute() } })
  t.equal((await fastify.inject('/metrics')).statusCode, 403)
})

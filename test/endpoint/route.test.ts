import t from 'tap'
import { Registry } from 'prom-client'
import { createFastify, measuredFastify } from '../fixtures/app.js'
import { capturingLogger } from '../fixtures/logger.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { samples } from '../fixtures/samples.js'

t.test('answers GET with the exposition', async t => {
  const fastify = await measuredFastify(t)
  const response = await fastify.inject('/metrics')
  t.equal(response.statusCode, 200)
  t.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  t.equal(response.body, await fastify.metrics.registry.metrics())
  t.match(response.body, '# TYPE dynoai_analysis_total counter')
})

t.test('answers HEAD without a body, whatever exposeHeadRoutes says', async t => {
  for (const exposeHeadRoutes of [true, false]) {
    const fastify = await measuredFastify(t, {}, { exposeHeadRoutes })
    const response = await fastify.inject({ method: 'HEAD', url: '/metrics' })
    t.equal(response.statusCode, 200)
    t.equal(response.body, '')
    t.equal(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  }
})

t.test('answers every other method with 405, before a body is parsed', async t => {
  const fastify = await measuredFastify(t)
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
  const fastify = await measuredFastify(t)
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

t.test('gives the content type of the registry', async t => {
  const registry = new Registry()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  const fastify = await measuredFastify(t, { registry })
  const response = await fastify.inject('/metrics')
  t.equal(response.headers['content-type'], Registry.OPENMETRICS_CONTENT_TYPE)
  t.match(response.body, /# EOF\n$/)
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
  await t.rejects(async () => await get.register(dynoaiMetrics), { ...taken, message: /METRICS_PATH.*Received: '\/metrics'/ })

  const head = createFastify(t)
  head.head('/metrics', async () => 'mine')
  await t.rejects(async () => await head.register(dynoaiMetrics), taken)

  const prefixed = createFastify(t)
  prefixed.get('/v1/stats', async () => 'mine')
  await t.rejects(async () => await prefixed.register(async scope => {
    await scope.register(dynoaiMetrics, { path: '/stats' })
  }, { prefix: '/v1/' }), { ...taken, message: /Received: '\/v1\/stats'/ })
})

t.test('logs as the register options say', async t => {
  const { logger, lines } = capturingLogger('info')
  const fastify = createFastify(t, { logger })
  await fastify.register(dynoaiMetrics, { logLevel: 'info', logSerializers: { req: () => 'serialised' } })
  await fastify.inject('/metrics')
  t.match(lines, [{ req: 'serialised' }, { msg: 'request completed' }])

  const quiet = capturingLogger('info')
  const silent = createFastify(t, { logger: quiet.logger })
  await silent.register(dynoaiMetrics, { logLevel: 'silent' })
  await silent.inject('/metrics')
  t.strictSame(quiet.lines, [])
})

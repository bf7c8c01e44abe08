import t from 'tap'
import type { RequestOptions } from '../../lib/types.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, measuredFastify } from '../fixtures/app.js'
import { counts } from '../fixtures/counts.js'
import { capturingLogger } from '../fixtures/logger.js'
import { samples } from '../fixtures/samples.js'

t.test('has the buckets that the options say', async t => {
  const fastify = await measuredFastify(t, { requests: { buckets: [0.5, 2] } })
  await fastify.inject('/x')
  const names = Object.keys(await samples(fastify.metrics.registry, 'dynoai_request_duration_seconds_bucket'))
  t.strictSame(names.map(name => /le="(.*?)"/.exec(name)?.[1]), ['0.5', '2', '+Inf'])
})

t.test('groups every status', async t => {
  const fastify = await measuredFastify(t, { requests: { groupStatus: true } })
  fastify.get('/:code', async (request, reply) => reply.code(Number((request.params as { code: string }).code)).send())
  for (const code of [200, 201, 204, 302, 404, 500]) await fastify.inject(`/${code}`)
  t.strictSame(await counts(fastify), { 'GET /:code 2xx': 3, 'GET /:code 3xx': 1, 'GET /:code 4xx': 1, 'GET /:code 5xx': 1 })
  t.match(await samples(fastify.metrics.registry), {
    'dynoai_requests_total{method="GET",status="2xx"}': 3,
    'dynoai_requests_total{method="GET",status="5xx"}': 1
  })
})

t.test('leaves out what is ignored, asking a function once per route', async t => {
  const asked: string[] = []
  const cases: RequestOptions['ignore'][] = [
    '/private/:id', /^\/priv/g, ['/other', /private/], path => { asked.push(path); return path.startsWith('/private') }
  ]
  for (const ignore of cases) {
    const fastify = createFastify(t)
    fastify.get('/private/:id', async () => 'ok')
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { ignore } })
    fastify.get('/public', async () => 'ok')
    for (const url of ['/private/1', '/private/2', '/private/3', '/public', '/public']) await fastify.inject(url)
    t.strictSame(await counts(fastify), { 'GET /public 200': 2 }, String(ignore))
  }
  t.strictSame(asked, ['/private/:id', '/public'])
})

t.test('can ignore what matched no route, and still counts the analyses of an ignored route', async t => {
  const fastify = await measuredFastify(t, { requests: { ignore: ['__unmatched__', '/analyze'] } })
  fastify.post('/analyze', { config: { metrics: { analysis: {} } } }, async () => 'ok')
  await fastify.inject('/nowhere')
  await fastify.inject({ method: 'POST', url: '/analyze' })
  t.strictSame(await counts(fastify), {})
  t.match(await samples(fastify.metrics.registry), { 'dynoai_analysis_total{status="success",source="upload"}': 1, dynoai_requests_in_flight: 0 })
})

t.test('an ignore function that throws is a mistake, and its route is counted', async t => {
  const { logger, lines } = capturingLogger()
  const fastify = createFastify(t, { logger })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { ignore: () => { throw new Error('boom') } } })
  fastify.get('/x', async () => 'ok')
  await fastify.inject('/x')
  await fastify.inject('/x')
  t.strictSame(await counts(fastify), { 'GET /x 200': 2 })
  t.match(lines, [{ err: { message: 'boom' } }])
  t.match(await samples(fastify.metrics.registry), { 'dynoai_metrics_errors_total{metric="dynoai_request_duration_seconds"}': 1 })
})

t.test('puts the application\'s own labels on the durations, evaluated when the response is done', async t => {
  const fastify = await measuredFastify(t, {
    requests: { labels: { tenant: request => String(request.headers['x-tenant'] ?? 'none'), cached: (_request, reply) => reply.hasHeader('x-cache') } }
  })
  fastify.get('/x', async (request, reply) => {
    if (request.headers['x-tenant'] === 'a') reply.header('x-cache', 'hit')
    return 'ok'
  })
  await fastify.inject({ url: '/x', headers: { 'x-tenant': 'a' } })
  await fastify.inject({ url: '/x', headers: { 'x-tenant': 'a' } })
  await fastify.inject('/x')
  await fastify.inject('/nowhere')
  t.strictSame(await counts(fastify), {
    'GET /x 200 tenant="a",cached="true"': 2,
    'GET /x 200 tenant="none",cached="false"': 1,
    'GET __unmatched__ 404 tenant="none",cached="false"': 1
  })
  t.match(await samples(fastify.metrics.registry), {
    'dynoai_requests_total{method="GET",status="200"}': 3,
    'dynoai_request_exceptions_total{method="GET",path="/x"}': 0
  }, 'and on nothing else')
})

t.test('at most maxSeries combinations of own labels over all routes, beyond which only they overflow', async t => {
  const fastify = await measuredFastify(t, { maxSeries: 50, requests: { labels: { id: request => (request.query as { id?: string }).id } } })
  fastify.get('/a', async () => 'ok')
  fastify.get('/b', async () => 'ok')
  for (let i = 0; i < 60; i++) await fastify.inject(`/${i % 2 ? 'a' : 'b'}?id=${i}`)
  await fastify.inject('/b?id=1')
  const all = await counts(fastify)
  t.equal(Object.keys(all).length, 50 + 2 + 1, 'one overflow series each for two routes, and a known value on another route')
  t.match(all, { 'GET /a 200 id="__overflow__"': 5, 'GET /b 200 id="__overflow__"': 5, 'GET /b 200 id="1"': 1 })
  t.match(await samples(fastify.metrics.registry), { 'dynoai_metrics_overflow_total{metric="dynoai_request_duration_seconds"}': 10 })
})

t.test('a route names its path and fixes labels', async t => {
  const fastify = createFastify(t)
  const config = { metrics: { path: 'search', labels: { team: 'a' } } }
  fastify.get('/v1/search', { config }, async () => 'ok')
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { team: () => 'default' } } })
  fastify.get('/v2/search', { config }, async () => 'ok')
  fastify.get('/plain', async () => 'ok')
  t.throws(() => fastify.get('/wrong', { config: { metrics: { labels: { other: 'x' } } } }, async () => 'ok'), {
    code: 'DYNOAI_METRICS_ERR_ROUTE_CONFIG', message: /\(team\)/
  })
  for (const url of ['/v1/search', '/v2/search', '/plain']) await fastify.inject(url)
  t.strictSame(await counts(fastify), { 'GET search 200 team="a"': 2, 'GET /plain 200 team="default"': 1 })
})

t.test('routes with equal labels share one series', async t => {
  const fastify = await measuredFastify(t)
  for (const version of ['1.0.0', '2.0.0']) fastify.get('/x', { constraints: { version } }, async () => version)
  for (const version of ['1.x', '2.x', '2.x']) t.equal((await fastify.inject({ url: '/x', headers: { 'accept-version': version } })).statusCode, 200)
  t.strictSame(await counts(fastify), { 'GET /x 200': 3 })
})

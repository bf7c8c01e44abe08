import t from 'tap'
import { measuredFastify } from '../fixtures/app.js'
import { counts } from '../fixtures/counts.js'
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

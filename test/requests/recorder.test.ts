import t from 'tap'
import type { RequestLabel } from '../../lib/types/index.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { readRequestCounts } from '../fixtures/request-counts.js'
import { samples } from '../fixtures/samples.js'

t.test('has the buckets that the options say', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { buckets: [0.5, 2] } })
  await fastify.inject('/x')
  const names = Object.keys(await samples(fastify.metrics.registry, 'dynoai_request_duration_seconds_bucket'))
  t.strictSame(names.map(name => /le="(.*?)"/.exec(name)?.[1]), ['0.5', '2', '+Inf'])
})

t.test('groups every status', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { groupStatus: true } })
  fastify.get('/:code', async (request, reply) => reply.code(Number((request.params as { code: string }).code)).send())
  for (const code of [200, 201, 204, 302, 404, 500]) await fastify.inject(`/${code}`)
  t.strictSame(await readRequestCounts(fastify), { 'GET /:code 2xx': 3, 'GET /:code 3xx': 1, 'GET /:code 4xx': 1, 'GET /:code 5xx': 1 })
  t.match(await samples(fastify.metrics.registry), {
    'dynoai_requests_total{method="GET",status="2xx"}': 3,
    'dynoai_requests_total{method="GET",status="5xx"}': 1
  })
})

t.test('puts the application\'s own labels on the durations, evaluated when the response is done', async t => {
  const fastify = await createMeasuredFastify(t, {
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
  t.strictSame(await readRequestCounts(fastify), {
    'GET /x 200 tenant="a",cached="true"': 2,
    'GET /x 200 tenant="none",cached="false"': 1,
    'GET __unmatched__ 404 tenant="none",cached="false"': 1
  })
  t.match(await samples(fastify.metrics.registry), {
    'dynoai_requests_total{method="GET",status="200"}': 3,
    'dynoai_request_exceptions_total{method="GET",path="/x"}': 0
  }, 'and on nothing else')
})

const id: RequestLabel = request => (request.query as { id?: string }).id
const overflowed = 'dynoai_metrics_overflow_total{metric="dynoai_request_duration_seconds"}'

t.test('at most maxSeries series beyond the first of each method, path and status, all routes together', async t => {
  const fastify = await createMeasuredFastify(t, { maxSeries: 50, requests: { labels: { id, one: () => 1 } } })
  const routes = Array.from({ length: 20 }, (_, i) => `/r${i}`)
  for (const route of routes) fastify.get(route, async (request, reply) => reply.code((request.query as { id: string }).id === '7' ? 404 : 200).send())
  for (const route of routes) {
    for (let value = 0; value < 10; value++) await fastify.inject(`${route}?id=${value}`)
  }
  const all = await readRequestCounts(fastify)
  const own = Object.keys(all).filter(name => !name.includes('__overflow__'))
  t.equal(own.length, 20 * 2 + 50, 'the first of two statuses on each route, and 50')
  t.equal(Object.keys(all).length - own.length, 20 - 6, 'an overflow series of 200 on each route that needs one')
  t.equal(Object.values(all).reduce((sum, count) => sum + count, 0), 200, 'no request is lost')
  t.match(all, { 'GET /r0 200 id="9",one="1"': 1, 'GET /r19 200 id="0",one="1"': 1, 'GET /r19 404 id="7",one="1"': 1, 'GET /r19 200 id="__overflow__",one="__overflow__"': 8 })
  t.match(await samples(fastify.metrics.registry), { [overflowed]: 20 * 8 - 50 })
  await fastify.inject('/r19?id=0')
  t.match(await samples(fastify.metrics.registry), { [overflowed]: 20 * 8 - 50 }, 'a series that is there takes no place')
})

t.test('a value that is too long makes the own labels of its request overflow, and nothing else', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { labels: { id, one: () => 1 } } })
  fastify.get('/x', async () => 'ok')
  for (const value of ['x'.repeat(257), 'x'.repeat(256), 'y'.repeat(10_000)]) await fastify.inject(`/x?id=${value}`)
  t.strictSame(await readRequestCounts(fastify), { 'GET /x 200 id="__overflow__",one="__overflow__"': 2, [`GET /x 200 id="${'x'.repeat(256)}",one="1"`]: 1 })
  t.match(await samples(fastify.metrics.registry), { [overflowed]: 2 })
})

t.test('a client that sends what overflow series say makes no second series of that name', async t => {
  for (const first of [0, 1]) {
    const fastify = await createMeasuredFastify(t, { dynoai: false, maxSeries: 1, requests: { labels: { id } } })
    fastify.get('/x', async () => 'ok')
    for (const value of [first ? '__overflow__' : 'a', 'b', 'c', '__overflow__', 'd']) await fastify.inject(`/x?id=${value}`)
    const lines = (await fastify.inject('/metrics')).body.split('\n').filter(line => line.startsWith('dynoai_request_duration_seconds_count'))
    t.strictSame(lines.sort(), first
      ? ['__overflow__"} 4', 'b"} 1'].map(end => `dynoai_request_duration_seconds_count{method="GET",path="/x",status="200",id="${end}`)
      : ['__overflow__"} 3', 'a"} 1', 'b"} 1'].map(end => `dynoai_request_duration_seconds_count{method="GET",path="/x",status="200",id="${end}`))
  }
})

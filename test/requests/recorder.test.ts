import t from 'tap'
import type { RequestLabel } from '../../lib/types/index.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { readRequestCounts } from '../fixtures/request-counts.js'
import { readSamples } from '../fixtures/samples.js'

t.test('has the buckets of the options', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { buckets: [0.5, 2] } })
  await fastify.inject('/x')
  const names = Object.keys(await readSamples(fastify.metrics.registry, 'dynoai_request_duration_seconds_bucket'))
  t.strictSame(names.map(name => /le="(.*?)"/.exec(name)?.[1]), ['0.5', '2', '+Inf'])
})

t.test('groups every status when groupStatus is set', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { groupStatus: true } })
  fastify.get('/:code', async (request, reply) => reply.code(Number((request.params as { code: string }).code)).send())
  for (const code of [200, 201, 204, 302, 404, 500]) await fastify.inject(`/${code}`)
  t.strictSame(await readRequestCounts(fastify), {
    'GET /:code 2xx': 3, 'GET /:code 3xx': 1, 'GET /:code 4xx': 1, 'GET /:code 5xx': 1
  })
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_requests_total{method="GET",status="2xx"}': 3,
    'dynoai_requests_total{method="GET",status="5xx"}': 1
  })
})

t.test('adds the application labels to the durations only, and evaluates them at the end of the response', async t => {
  const fastify = await createMeasuredFastify(t, {
    requests: {
      labels: {
        tenant: request => String(request.headers['x-tenant'] ?? 'none'),
        cached: (_request, reply) => reply.hasHeader('x-cache')
      }
    }
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
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_requests_total{method="GET",status="200"}': 3,
    'dynoai_request_exceptions_total{method="GET",path="/x"}': 0
  }, 'other metrics do not have the labels')
})

const id: RequestLabel = request => (request.query as { id?: string }).id
const OVERFLOWED = 'dynoai_metrics_overflow_total{metric="dynoai_request_duration_seconds"}'

t.test('shares maxSeries among all routes, beyond the first series of each method, path and status', async t => {
  const fastify = await createMeasuredFastify(t, { maxSeries: 50, requests: { labels: { id, one: () => 1 } } })
  const routes = Array.from({ length: 20 }, (_, i) => `/r${i}`)
  for (const route of routes) {
    fastify.get(route, async (request, reply) => reply.code(id(request, reply) === '7' ? 404 : 200).send())
  }
  for (const route of routes) {
    for (let value = 0; value < 10; value++) await fastify.inject(`${route}?id=${value}`)
  }
  const all = await readRequestCounts(fastify)
  const exact = Object.keys(all).filter(name => !name.includes('__overflow__'))
  t.equal(exact.length, 20 * 2 + 50, 'the first series of two statuses on each route, and 50 more')
  t.equal(Object.keys(all).length - exact.length, 20 - 6, 'one overflow series of 200 on each route that needs one')
  t.equal(Object.values(all).reduce((sum, count) => sum + count, 0), 200, 'every request is counted')
  t.match(all, {
    'GET /r0 200 id="9",one="1"': 1,
    'GET /r19 200 id="0",one="1"': 1,
    'GET /r19 404 id="7",one="1"': 1,
    'GET /r19 200 id="__overflow__",one="__overflow__"': 8
  })
  t.match(await readSamples(fastify.metrics.registry), { [OVERFLOWED]: 20 * 8 - 50 })
  await fastify.inject('/r19?id=0')
  t.match(await readSamples(fastify.metrics.registry), { [OVERFLOWED]: 20 * 8 - 50 }, 'not for an existing series')
})

t.test('a value that is too long moves only its request to the overflow series', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { labels: { id, one: () => 1 } } })
  fastify.get('/x', async () => 'ok')
  for (const value of ['x'.repeat(257), 'x'.repeat(256), 'y'.repeat(10_000)]) await fastify.inject(`/x?id=${value}`)
  t.strictSame(await readRequestCounts(fastify), {
    'GET /x 200 id="__overflow__",one="__overflow__"': 2,
    [`GET /x 200 id="${'x'.repeat(256)}",one="1"`]: 1
  })
  t.match(await readSamples(fastify.metrics.registry), { [OVERFLOWED]: 2 })
})

t.test('a client that sends __overflow__ as a value does not create a second series of that name', async t => {
  const cases: ReadonlyArray<readonly [values: readonly string[], expected: readonly string[]]> = [
    [['a', 'b', 'c', '__overflow__', 'd'], ['id="__overflow__"} 3', 'id="a"} 1', 'id="b"} 1']],
    [['__overflow__', 'b', 'c', '__overflow__', 'd'], ['id="__overflow__"} 4', 'id="b"} 1']]
  ]
  for (const [values, expected] of cases) {
    const fastify = await createMeasuredFastify(t, { dynoai: false, maxSeries: 1, requests: { labels: { id } } })
    fastify.get('/x', async () => 'ok')
    for (const value of values) await fastify.inject(`/x?id=${value}`)
    const exposition = (await fastify.inject('/metrics')).body
    const lines = exposition.split('\n').filter(line => line.startsWith('dynoai_request_duration_seconds_count'))
    const series = 'dynoai_request_duration_seconds_count{method="GET",path="/x",status="200",'
    t.strictSame(lines.sort(), expected.map(end => series + end))
  }
})

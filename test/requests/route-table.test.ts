import t from 'tap'
import type { IgnoreRequests } from '../../lib/types/index.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { readSamples } from '../fixtures/samples.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

const ERRORS = 'dynoai_metrics_errors_total{metric="dynoai_request_duration_seconds"}'

t.test('does not count ignored routes, and calls an ignore function once per route', async t => {
  const calls: string[] = []
  const ignorePrivate = (path: string): boolean => {
    calls.push(path)
    return path.startsWith('/private')
  }
  const cases: IgnoreRequests[] = ['/private/:id', /^\/priv/g, ['/other', /private/], ignorePrivate]
  for (const ignore of cases) {
    const fastify = createFastify(t)
    fastify.get('/private/:id', async () => 'ok')
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { ignore } })
    fastify.get('/public', async () => 'ok')
    for (const url of ['/private/1', '/private/2', '/private/3', '/public', '/public']) await fastify.inject(url)
    t.strictSame(await readRequestCounts(fastify), { 'GET /public 200': 2 }, String(ignore))
  }
  t.strictSame(calls, ['/private/:id', '/public'])
})

t.test('calls an ignore function once for each method of a route', async t => {
  const calls: string[] = []
  const ignore = (path: string, method: string): boolean => {
    calls.push(`${method} ${path}`)
    return method === 'HEAD' || (method === 'POST' && path === '/before') || method === 'PROPFIND'
  }
  const fastify = createFastify(t)
  fastify.addHttpMethod('PROPFIND')
  fastify.route({ method: ['GET', 'POST', 'PROPFIND'], url: '/before', handler: async () => 'ok' })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { ignore } })
  fastify.route({ method: ['GET', 'POST'], url: '/after', handler: async () => 'ok' })
  for (const method of ['GET', 'POST', 'HEAD', 'PROPFIND'] as const) {
    for (const url of ['/before', '/after', '/nowhere', '/before']) {
      await fastify.inject({ method: method as 'GET', url })
    }
  }
  t.strictSame(await readRequestCounts(fastify), {
    'GET /before 200': 2,
    'GET /after 200': 1,
    'POST /after 200': 1,
    'GET __unmatched__ 404': 1,
    'POST __unmatched__ 404': 1,
    '_OTHER __unmatched__ 404': 2
  })
  t.strictSame(calls.sort(), [
    'GET /after', 'GET /before', 'GET __unmatched__', 'HEAD /after', 'HEAD /before', 'HEAD __unmatched__',
    'POST /after', 'POST /before', 'POST __unmatched__', 'PROPFIND /before', '_OTHER __unmatched__'
  ])
  await assertIdle(t, fastify, 8)
})

t.test('can ignore unmatched requests, and still counts the analyses of an ignored route', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { ignore: ['__unmatched__', '/analyze'] } })
  fastify.post('/analyze', { config: { metrics: { analysis: {} } } }, async () => 'ok')
  await fastify.inject('/nowhere')
  await fastify.inject({ method: 'POST', url: '/analyze' })
  t.strictSame(await readRequestCounts(fastify), {})
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_analysis_total{status="success",source="upload"}': 1, dynoai_requests_in_flight: 0
  })
})

t.test('an ignore function that throws or rejects is a metric error, and its route is counted', async t => {
  const unhandled = collectUnhandledRejections(t)
  const boom = (): never => { throw new Error('boom') }
  const cases: ReadonlyArray<readonly [ignore: () => unknown, err: object]> = [
    [boom, { message: 'boom' }],
    [async () => boom(), { code: 'DYNOAI_METRICS_ERR_OPTION' }],
    [() => ({ get then () { return boom() } }), { code: 'DYNOAI_METRICS_ERR_OPTION' }]
  ]
  for (const [ignore, err] of cases) {
    const { logger, lines } = createCapturingLogger()
    const fastify = createFastify(t, { logger })
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { ignore: ignore as () => boolean } })
    fastify.get('/x', async () => 'ok')
    await fastify.inject('/x')
    await fastify.inject('/x')
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 200': 2 })
    t.match(lines, [{ err }])
    t.equal(lines.length, 1)
    t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 1 })
  }
  t.strictSame(unhandled, [])
})

t.test('a route can name its path and fix labels', async t => {
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
  t.strictSame(await readRequestCounts(fastify), { 'GET search 200 team="a"': 2, 'GET /plain 200 team="default"': 1 })
})

t.test('routes with equal labels share one series', async t => {
  const fastify = await createMeasuredFastify(t)
  for (const version of ['1.0.0', '2.0.0']) fastify.get('/x', { constraints: { version } }, async () => version)
  for (const version of ['1.x', '2.x', '2.x']) {
    t.equal((await fastify.inject({ url: '/x', headers: { 'accept-version': version } })).statusCode, 200)
  }
  t.strictSame(await readRequestCounts(fastify), { 'GET /x 200': 3 })
})

t.test('does not count a route with config.metrics: false, whether declared before or after the plugin', async t => {
  const fastify = createFastify(t)
  fastify.get('/before', { config: { metrics: false } }, async () => 'ok')
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  fastify.get('/after', { config: { metrics: false } }, async () => 'ok')
  await fastify.inject('/before')
  await fastify.inject('/after')
  t.strictSame(await readRequestCounts(fastify), {})
  await assertIdle(t, fastify, 0)
})

t.test('an invalid config.metrics throws at the route; on a route before the plugin it is a metric error', async t => {
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger })
  const config = { metrics: { analysis: 'upload' as unknown as {} } }
  fastify.get('/before', { config }, async () => 'ok')
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  t.throws(() => fastify.get('/after', { config }, async () => 'ok'), { code: 'DYNOAI_METRICS_ERR_ROUTE_CONFIG' })
  t.equal((await fastify.inject('/before')).statusCode, 200)
  await fastify.inject('/before')
  t.strictSame(await readRequestCounts(fastify), { 'GET /before 200': 2 })
  t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 1 })
  t.match(lines, [{ err: { code: 'DYNOAI_METRICS_ERR_ROUTE_CONFIG' } }])
})

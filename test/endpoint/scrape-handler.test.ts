import { once } from 'node:events'
import { connect } from 'node:http2'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { Gauge, Registry } from 'prom-client'
import { STALLED_AFTER } from '../../lib/endpoint/stall-detector.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { pluginMetricOf } from '../../lib/registry/plugin-metric.js'
import type { HistogramFamily } from '../../lib/series/histogram-family.js'
import { listen, createMeasuredFastify } from '../fixtures/app.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import { createLargeRegistry } from '../fixtures/large-registry.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { readSamples } from '../fixtures/samples.js'
import { waitForScrapes } from '../fixtures/scrapes.js'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Reads a response to its end, and returns its status. */
async function statusOf (url: string): Promise<number> {
  const response = await fetch(url)
  await response.text()
  return response.status
}

const ACCEPT: ReadonlyArray<readonly [headers: object, contentType: string]> = [
  [{}, TEXT],
  [{ accept: '*/*' }, TEXT],
  [{ accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' }, OPENMETRICS]
]

t.test('responds in the accepted format', async t => {
  const fastify = await createMeasuredFastify(t)
  for (const [accept, contentType] of ACCEPT) {
    const { statusCode, headers, body } = await fastify.inject({ url: '/metrics', headers: { ...accept } })
    t.equal(statusCode, 200)
    t.match(headers, { 'content-type': contentType, 'cache-control': 'no-store', vary: 'Accept, Accept-Encoding' })
    checkStructure(body, contentType === TEXT ? 'text' : 'openmetrics')
  }
})

t.test('compresses for a scraper that accepts gzip, unless the option disables it', async t => {
  const fastify = await createMeasuredFastify(t, { registry: createLargeRegistry(300) })
  const plain = await fastify.inject('/metrics?name[]=large_seconds')
  t.equal(plain.headers['content-encoding'], undefined)
  const acceptsGzip = { 'accept-encoding': 'gzip' }
  const gzip = await fastify.inject({ url: '/metrics?name[]=large_seconds', headers: acceptsGzip })
  t.equal(gzip.headers['content-encoding'], 'gzip')
  t.equal(gunzipSync(gzip.rawPayload).toString(), plain.body)
  t.ok(gzip.rawPayload.length < plain.rawPayload.length / 10)

  const withoutGzip = await createMeasuredFastify(t, { endpoint: { gzip: false } })
  const { headers, body } = await withoutGzip.inject({ url: '/metrics', headers: acceptsGzip })
  t.equal(headers['content-encoding'], undefined)
  checkStructure(body, 'text')
})

t.test('exposes only the metrics of name[], which may be encoded and repeated', async t => {
  const fastify = await createMeasuredFastify(t)
  const namesFor = async (query: string): Promise<string[]> => {
    const { body } = await fastify.inject(`/metrics${query}`)
    return checkStructure(body, 'text').map(({ name }) => name)
  }
  t.strictSame(await namesFor('?name[]=dynoai_requests_total'), ['dynoai_requests_total'])
  const repeated = '?name%5B%5D=dynoai_app_info&x=y&name[]=dynoai_analysis_duration_seconds_count'
  t.strictSame(await namesFor(repeated), ['dynoai_app_info', 'dynoai_analysis_duration_seconds'])
  t.strictSame(await namesFor('?name[]=none'), [])
  t.ok((await namesFor('?name=dynoai_app_info')).length > 10)
  t.ok((await namesFor('?%zz')).length > 10)
})

t.test('responds to HEAD with the headers of GET, and collects no metrics', async t => {
  let collected = 0
  const registry = new Registry()
  registry.registerMetric(new Gauge({ name: 'g', help: 'G', registers: [], collect () { collected++ } }))
  const fastify = await createMeasuredFastify(t, { registry })
  const accepted = { accept: OPENMETRICS, 'accept-encoding': 'gzip' }
  const { statusCode, headers, body } = await fastify.inject({ method: 'HEAD', url: '/metrics', headers: accepted })
  t.equal(statusCode, 200)
  t.match(headers, { 'content-type': OPENMETRICS, 'content-encoding': 'gzip', 'cache-control': 'no-store' })
  t.equal(body, '')
  t.equal(collected, 0)
})

t.test('keeps headers that earlier hooks have set, and adds to their Vary', async t => {
  const fastify = await createMeasuredFastify(t)
  fastify.addHook('onRequest', async (_request, reply) => { reply.header('x-hook', 'kept').header('vary', 'Origin') })
  t.match((await fastify.inject('/metrics')).headers, { 'x-hook': 'kept', vary: 'Origin, Accept, Accept-Encoding' })
})

t.test('ignores the payload of onSend and preSerialization hooks', async t => {
  const fastify = await createMeasuredFastify(t)
  fastify.addHook('onSend', async () => 'changed')
  fastify.addHook('preSerialization', async () => ({ changed: true }))
  checkStructure((await fastify.inject('/metrics')).body, 'text')
  t.equal((await fastify.inject({ method: 'HEAD', url: '/metrics' })).statusCode, 200)
  t.match(await fastify.inject({ method: 'POST', url: '/metrics' }), { statusCode: 405, body: 'Method Not Allowed\n' })
})

t.test('accepts the token or the password, and responds to other requests with challenges', async t => {
  const { logger, lines } = createCapturingLogger('trace')
  const endpoint = { bearerToken: 's3cret-token', basicAuth: { username: 'p', password: 's3cret-word' } }
  const fastify = await createMeasuredFastify(t, { endpoint }, { logger })
  let hooks = 0
  fastify.addHook('preHandler', async () => { hooks++ })
  const basic = Buffer.from('p:s3cret-word').toString('base64')
  const cases: ReadonlyArray<readonly [authorization: string | undefined, status: number]> = [
    [undefined, 401],
    ['Bearer s3cret-wrong', 401],
    ['Basic s3cret', 401],
    ['Bearer s3cret-token', 200],
    [`Basic ${basic}`, 200]
  ]
  const challenges = ['Bearer realm="metrics"', 'Basic realm="metrics", charset="UTF-8"']
  for (const [authorization, status] of cases) {
    for (const method of ['GET', 'HEAD'] as const) {
      const requestHeaders = authorization === undefined ? {} : { authorization }
      const { statusCode, headers, body } = await fastify.inject({ method, url: '/metrics', headers: requestHeaders })
      t.equal(statusCode, status, `${method} ${authorization}`)
      t.strictSame(headers['www-authenticate'], status === 200 ? undefined : challenges)
      t.equal(body.includes('dynoai_'), status === 200 && method === 'GET')
    }
  }
  t.equal(hooks, 10, 'hooks run before the credentials are checked')
  t.notMatch(JSON.stringify(lines), /s3cret/)
})

t.test('counts its responses, and measures the duration of scrapes', async t => {
  const fastify = await createMeasuredFastify(t, { endpoint: { bearerToken: 'x' } })
  const { registry } = fastify.metrics
  const headers = { authorization: 'Bearer x' }
  const initial = [200, 401, 405, 499, 500, 503].map(status => [`dynoai_metrics_scrapes_total{status="${status}"}`, 0])
  t.strictSame(await readSamples(registry, 'dynoai_metrics_scrapes_total'), Object.fromEntries(initial))
  await fastify.inject('/metrics')
  await fastify.inject({ method: 'POST', url: '/metrics' })
  await fastify.inject({ method: 'HEAD', url: '/metrics', headers })
  await fastify.inject({ url: '/metrics', headers })
  await fastify.inject({ url: '/metrics', headers })
  t.strictSame(await waitForScrapes(registry, 5), { 200: 3, 401: 1, 405: 1 })
  t.match(await readSamples(registry), {
    dynoai_metrics_scrape_duration_seconds_count: 2,
    'dynoai_metrics_scrape_duration_seconds_bucket{le="5"}': 2
  })
})

t.test('rejects a scrape above the maximum with 503, and accepts it later', async t => {
  const { promise: held, resolve: release } = promiseWithResolvers()
  const registry = new Registry()
  let collected = 0
  registry.registerMetric(new Gauge({
    name: 'held',
    help: 'H',
    registers: [],
    async collect () {
      collected++
      await held
      this.set(collected)
    }
  }))
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { maxConcurrentScrapes: 2 } })
  const url = '/metrics?name[]=held'
  const served = [fastify.inject(url), fastify.inject(url)]
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  const rejected = await fastify.inject(url)
  t.equal(rejected.statusCode, 503)
  t.match(rejected.headers, {
    'retry-after': '1',
    'cache-control': 'no-store',
    'content-type': 'text/plain; charset=utf-8'
  })
  t.equal((await fastify.inject({ method: 'HEAD', url })).statusCode, 200, 'HEAD needs no slot')
  release()
  for (const response of await Promise.all(served)) t.match(response, { statusCode: 200, body: /^held 1$/m })
  t.equal(collected, 1, 'both scrapes share one run of the collector')
  t.match(await fastify.inject(url), { statusCode: 200, body: /^held 2$/m })
  t.strictSame(await waitForScrapes(registry, 5), { 200: 4, 503: 1 })
})

t.test('leaves out, logs and counts a metric that takes too long and a metric that fails', async t => {
  const { logger, lines } = createCapturingLogger()
  const registry = new Registry()
  const hang = async (): Promise<void> => await new Promise(() => {})
  const collectors = { hangs: hang, fails () { throw new Error('broken') } }
  for (const [name, collect] of Object.entries(collectors)) {
    registry.registerMetric(new Gauge({ name, help: 'H', registers: [], collect }))
  }
  const fastify = await createMeasuredFastify(t, { registry, endpoint: { collectTimeout: 50 } }, { logger })
  const { statusCode, body } = await fastify.inject('/metrics')
  t.equal(statusCode, 200)
  t.strictSame(checkStructure(body, 'text').filter(({ name }) => ['hangs', 'fails'].includes(name)), [])
  t.match(body, 'dynoai_requests_in_flight 0')
  const errors = await registry.getSingleMetricAsString('dynoai_metrics_errors_total')
  t.match(errors, /metric="fails"} 1\n.*metric="hangs"} 1/)
  t.match(lines, [
    { metric: 'fails', err: { message: 'broken' } },
    { metric: 'hangs', err: { code: 'DYNOAI_METRICS_ERR_COLLECT' } }
  ])
})

t.test('exposes the plugin metrics when the registry itself fails, and reports the error', async t => {
  const { logger, lines } = createCapturingLogger()
  const registry = new Registry()
  const fastify = await createMeasuredFastify(t, { registry }, { logger })
  new Gauge({ name: 'external', help: 'E', registers: [registry] }).set(1)
  const getMetricsAsArray = registry.getMetricsAsArray.bind(registry)
  registry.getMetricsAsArray = () => { throw new Error('no metrics') }
  const { statusCode, body } = await fastify.inject('/metrics')
  t.equal(statusCode, 200)
  const families = checkStructure(body, 'text').map(({ name }) => name)
  for (const name of [
    'dynoai_requests_in_flight',
    'dynoai_app_info',
    'dynoai_analysis_total',
    'dynoai_metrics_scrapes_total'
  ]) { t.ok(families.includes(name), name) }
  t.notOk(families.includes('external'))
  t.match(body, 'dynoai_metrics_errors_total{metric="registry"} 1\n', 'the same scrape has the error')
  registry.getMetricsAsArray = getMetricsAsArray
  t.match(lines, [{ level: 40, metric: 'registry', err: { message: 'no metrics' } }])
  t.match((await fastify.inject('/metrics')).body, 'external 1\n')
})

t.test('accepts and exposes a registry with faulty metrics and default labels', async t => {
  const { logger, lines } = createCapturingLogger()
  const registry = new Registry()
  const unreadable = new Gauge({ name: 'unreadable', help: 'U', registers: [registry] })
  Object.defineProperty(unreadable, 'name', { get () { throw new Error('unreadable') } })
  const fastify = await createMeasuredFastify(
    t,
    { registry, metrics: { waitSeconds: { type: 'histogram', help: 'W', buckets: [1] } } },
    { logger }
  )
  new Gauge({ name: 'dynoai_request_duration_seconds_count', help: 'Collides', registers: [registry] }).set(1)
  registry.setDefaultLabels({ zone: 'z', get pod () { throw new Error('no pod') } })
  const { statusCode, body } = await fastify.inject('/metrics')
  t.equal(statusCode, 200)
  checkStructure(body, 'text')
  t.match(body, 'dynoai_wait_seconds_count{zone="z"} 0\n')
  t.match(body, 'dynoai_metrics_errors_total{metric="__unnamed__",zone="z"} 1\n')
  t.match(body, 'dynoai_metrics_errors_total{metric="dynoai_request_duration_seconds_count",zone="z"} 1\n')
  t.strictSame(lines.map(({ metric }) => metric).sort(), [
    '__unnamed__',
    'default labels',
    'dynoai_request_duration_seconds_count'
  ])
})

t.test('responds with 500 to a scrape that fails, even when the logger fails', async t => {
  const registry = new Registry()
  const stream = { write () { throw new Error('no disk') } }
  const fastify = await createMeasuredFastify(t, { registry }, { logger: { level: 'error', stream } })
  // A plugin metric that fails is a bug, so the scrape fails.
  const info = registry.getSingleMetric('dynoai_app_info') as object
  Object.defineProperty(pluginMetricOf(info), 'values', { get () { throw new Error('broken') } })
  const { statusCode, body } = await fastify.inject('/metrics?name[]=dynoai_app_info')
  t.strictSame({ statusCode, body }, { statusCode: 500, body: 'The scrape failed\n' })
  t.strictSame(await waitForScrapes(registry, 1), { 500: 1 })
})

t.test('aborts the response when a scrape fails half-way, so it does not look complete', async t => {
  const { logger, lines } = createCapturingLogger()
  const registry = createLargeRegistry(2000)
  const fastify = await createMeasuredFastify(t, { registry }, { logger })
  const origin = await listen(fastify)
  // A plugin metric that fails is a bug. The scrape must not look successful.
  const [metric] = registry.getMetricsAsArray()
  const { table: { pages: { pages } } } = pluginMetricOf(metric as object) as HistogramFamily
  Object.defineProperty(pages, pages.length - 1, { get () { throw new Error('half-way') } })
  await t.rejects((async () => await (await fetch(`${origin}/metrics`)).text())())
  t.match(lines, [{ level: 50, err: { message: 'half-way' }, msg: 'a scrape failed' }])
  t.strictSame(await waitForScrapes(registry, 1), { 499: 1 })
})

for (const encoding of ['identity', 'gzip']) {
  t.test(`stops when the scraper disconnects half-way, and frees its slot, ${encoding}`, async t => {
    const registry = createLargeRegistry(20_000)
    const { logger, lines } = createCapturingLogger()
    const fastify = await createMeasuredFastify(t, { registry, endpoint: { maxConcurrentScrapes: 1 } }, { logger })
    const origin = await listen(fastify)
    const socket = await openRawConnection(origin)
    socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${encoding}\r\n\r\n`)
    t.match(await readData(socket), 'HTTP/1.1 200 OK')
    t.equal(await statusOf(`${origin}/metrics`), 503)
    socket.destroy()
    t.strictSame(await waitForScrapes(registry, 2), { 499: 1, 503: 1 })
    let status = 503
    while (status === 503) status = await statusOf(`${origin}/metrics?name[]=none`)
    t.equal(status, 200)
    t.strictSame(lines, [], 'no error is logged')
  })
}

t.test('frees the slots of scrapers that disconnect over HTTP/2', async t => {
  const { promise: held, resolve: release } = promiseWithResolvers()
  const registry = createLargeRegistry(2000)
  registry.registerMetric(new Gauge({ name: 'held', help: 'H', registers: [], collect: async () => { await held } }))
  const { logger, lines } = createCapturingLogger()
  const fastify = Fastify({ http2: true, logger }) as unknown as FastifyInstance
  t.teardown(() => fastify.close())
  await fastify.register(dynoaiMetrics, { registry, runtimeMetrics: false, endpoint: { maxConcurrentScrapes: 1 } })
  const session = connect(await listen(fastify))
  t.teardown(() => session.destroy())
  const closeStream = async (path: string, after: 'request' | 'response'): Promise<void> => {
    const stream = session.request({ ':path': path })
    stream.on('error', () => {})
    await once(after === 'response' ? stream : fastify.server, after)
    stream.close()
  }
  await closeStream('/metrics?name[]=held', 'request')
  t.strictSame(await waitForScrapes(registry, 1), { 499: 1 })
  release()
  for (let i = 0; i < 5; i++) {
    await nextTurn()
    await closeStream('/metrics?name[]=large_seconds', 'response')
    await waitForScrapes(registry, i + 2)
  }
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  const stream = session.request({ ':path': '/metrics?name[]=none' })
  const [headers] = await once(stream, 'response') as [Record<string, unknown>]
  t.equal(headers[':status'], 200)
  stream.resume()
  t.strictSame(lines, [])
})

t.test('buffers at most 2 MB of 24 MB for a scraper that reads nothing, and disconnects it', async t => {
  const registry = createLargeRegistry(20_000)
  const fastify = await createMeasuredFastify(t, { registry })
  const origin = await listen(fastify)
  t.clock.enter()
  let buffered = 0
  fastify.server.on('request', (_request, response) => {
    response.on('close', () => { clearInterval(watch) })
    const watch = setInterval(() => { buffered = Math.max(buffered, response.writableLength) }, 1000)
  })
  const socket = await openRawConnection(origin)
  socket.pause()
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(fastify.server, 'request')
  for (let second = 0; second < STALLED_AFTER / 1000 + 1; second++) {
    for (let turn = 0; turn < 200; turn++) await nextTurn()
    t.clock.advance(1000)
  }
  t.strictSame(await waitForScrapes(registry, 1), { 499: 1 })
  t.ok(buffered > 0 && buffered <= 2_000_000, `${buffered} bytes`)
  socket.destroy()
})

t.test('counts a response with the status that was sent, not with one that is set later', async t => {
  const fastify = await createMeasuredFastify(t)
  fastify.addHook('onRequest', async (_request, { raw }) => {
    raw.prependListener('finish', () => { raw.statusCode = 500 })
  })
  const origin = await listen(fastify)
  t.equal(await statusOf(`${origin}/metrics`), 200)
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 200: 1 })
})

import { once } from 'node:events'
import { connect } from 'node:http2'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { responseHooks } from '../../lib/endpoint/response-hooks.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { DynoaiMetricsOptions, EndpointRouteOptions } from '../../lib/types/index.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { samples } from '../fixtures/samples.js'
import { waitForScrapes } from '../fixtures/scrapes.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import type { SentRequest, ServerSetup } from '../fixtures/transports.js'

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Hooks that answer in place of the endpoint, and with what. */
const REFUSALS: ReadonlyArray<readonly [name: string, status: number, hook: Hook]> = [
  ['a login', 401, async (_request, reply) => await reply.code(401).send('no')],
  ['a ban', 403, async (_request, reply) => { reply.code(403).send('no') }],
  ['a rate limit', 429, async () => { throw Object.assign(new Error('slow down'), { statusCode: 429 }) }],
  ['a pressure limit', 503, async (_request, reply) => await reply.code(503).send({ retry: 1 })],
  ['a hook that throws', 500, async () => { throw new Error('broken') }],
  ['a hook that hijacks', 418, async (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(418).end('tea')
    reply.raw.statusCode = 200
  }],
  ['a status set after the head', 403, async (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(403).end('no')
    reply.code(500)
  }]
]

/** Where a hook may stand. */
const PLACES: ReadonlyArray<readonly [name: string, setup: (hook: Hook) => Omit<ServerSetup, 'server'>]> = [
  ['onRequest before the plugin', hook => ({ before: fastify => { fastify.addHook('onRequest', hook) }, after: () => {} })],
  ['onRequest after the plugin', hook => ({ after: fastify => { fastify.addHook('onRequest', hook) } })],
  ['preParsing', hook => ({ after: fastify => { fastify.addHook('preParsing', hook) } })],
  ['preHandler', hook => ({ after: fastify => { fastify.addHook('preHandler', hook) } })],
  ['onRequest of the route', hook => ({ plugin: withRoute({ onRequest: hook }), after: () => {} })],
  ['preHandler of the route', hook => ({ plugin: withRoute({ preHandler: [hook] }), after: () => {} })]
]

function withRoute (routeOptions: object): DynoaiMetricsOptions {
  return { endpoint: { routeOptions: routeOptions as EndpointRouteOptions } }
}

/** With and without hooks of the request metrics; uploads alone have them, too. */
const MEASURED: ReadonlyArray<readonly [name: string, options: DynoaiMetricsOptions]> = [
  ['requests and dynoai', {}],
  ['uploads alone', { requests: false, dynoai: false }],
  ['nothing', { requests: false, dynoai: false, uploads: false }]
]

async function checkNoRequests (t: Test, fastify: FastifyInstance): Promise<void> {
  t.strictSame(await samples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {})
}

for (const transport of TRANSPORTS) {
  for (const [measured, options] of MEASURED) {
    t.test(`counts each refusal of a hook once, with its status: ${transport}, ${measured}`, async t => {
      for (const [index, setup] of PLACES) {
        for (const [name, status, hook] of REFUSALS) {
          const { plugin, ...rest } = setup(hook)
          const { fastify, send } = await startServer(t, transport, { ...rest, plugin: { ...plugin, ...options } })
          t.equal(await send('/metrics'), status, `${name}, ${index}`)
          // Those before the preHandler answer any method.
          t.equal(await send('/metrics?x', { method: 'HEAD' }), status, `${name}, ${index}`)
          t.strictSame(await waitForScrapes(fastify.metrics.registry, 2), { [status]: 2 }, `${name}, ${index}`)
          await checkNoRequests(t, fastify)
        }
      }
    })

    t.test(`counts what is the endpoint's in any spelling and with any method: ${transport}, ${measured}`, async t => {
      const server = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, routerOptions: { caseSensitive: false, useSemicolonDelimiter: true } as object }
      const { fastify, send } = await startServer(t, transport, { plugin: options, server, after: () => {} })
      // light-my-request reads what begins with two slashes as a host.
      const spellings = ['/metrics', '/metrics/', '/METRICS', '/%6detrics', '/metrics;x', '/metrics?x', '/metrics//?x']
      const methods: ReadonlyArray<readonly [method: string, status: number]> = [['GET', 200], ['HEAD', 200], ['POST', 405], ['DELETE', 405], ['PROPFIND', 404], ...(transport === 'HTTP/2' ? [['UNKNOWN', 404] as const] : [])]
      for (const path of spellings) {
        for (const [method, status] of methods) t.equal(await send(path, { method: method as NonNullable<SentRequest['method']> }), status, `${method} ${path}`)
      }
      const others = methods.filter(([, status]) => status === 404).length
      t.strictSame(await waitForScrapes(fastify.metrics.registry, spellings.length * methods.length), { 200: 2 * spellings.length, 405: 2 * spellings.length, 404: others * spellings.length })
      await checkNoRequests(t, fastify)
      for (const path of ['/metricsx', '/x/metrics']) t.equal(await send(path), 404)
      t.strictSame((await waitForScrapes(fastify.metrics.registry, 0))['404'], others * spellings.length)
    })
  }
}

t.test('counts a scraper that left during a hook once, as 499', async t => {
  for (const [measured, options] of MEASURED) {
    for (const http2 of [false, true]) {
      for (const isBefore of [true, false]) {
        const { promise: held, resolve: release } = promiseWithResolvers()
        const { promise: closed, resolve: left } = promiseWithResolvers()
        const { promise: arrived, resolve: arrive } = promiseWithResolvers()
        const hold: Hook = async (request, reply) => {
          request.raw.once('close', left)
          arrive()
          await held
          await reply.code(403).send('no')
        }
        const setup: ServerSetup = { plugin: options, ...(isBefore && { before: fastify => { fastify.addHook('onRequest', hold) } }), after: fastify => { if (!isBefore) fastify.addHook('onRequest', hold) } }
        const { fastify } = await startServer(t, 'inject', { ...setup, server: (http2 ? { http2 } : {}) as object })
        const origin = await listen(fastify)
        if (http2) {
          const session = connect(origin)
          t.teardown(() => session.destroy())
          const stream = session.request({ ':path': '/metrics' })
          stream.on('error', () => {})
          await arrived
          stream.close()
        } else {
          const socket = await openRawConnection(origin)
          socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
          await arrived
          socket.destroy()
        }
        await closed
        const name = `${measured}, HTTP/2 ${http2}, before ${isBefore}`
        t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 499: 1 }, `${name}, while the hook is at work`)
        release()
        await nextTurn()
        t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 499: 1 }, `${name}, after it has answered`)
        await checkNoRequests(t, fastify)
      }
    }
  }
})

t.test('counts once on a listener of its own, also refusals and other methods', async t => {
  const refuse: Hook = async (request, reply) => { if (request.headers['x-pass'] === undefined) await reply.code(403).send('no') }
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (_request, reply) => await reply.code(418).send())
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, endpoint: { listen: { port: 0, host: '127.0.0.1' }, routeOptions: { onRequest: refuse } as EndpointRouteOptions } })
  await listen(fastify)
  const origin = `http://127.0.0.1:${fastify.metrics.address?.port}`
  const cases = [['GET', '/metrics', false, 403], ['GET', '/%6detrics', true, 200], ['PUT', '/metrics', true, 405], ['PROPFIND', '/metrics?x', true, 404], ['GET', '/other', true, 404], ['PROPFIND', '/other', true, 404]] as const
  for (const [method, path, passes, status] of cases) {
    const response = await fetch(origin + path, { method, headers: passes ? { 'x-pass': '1' } : {} })
    await response.text()
    t.equal(response.status, status, `${method} ${path}`)
  }
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 4), { 403: 1, 200: 1, 405: 1, 404: 1 })
})

t.test('goes by the route alone where the endpoint has constraints', async t => {
  for (const [, options] of MEASURED) {
    const fastify = await createMeasuredFastify(t, { ...options, ...withRoute({ constraints: { host: 'internal' } }) })
    t.equal((await fastify.inject({ url: '/metrics', headers: { host: 'internal' } })).statusCode, 200)
    t.equal((await fastify.inject('/metrics')).statusCode, 404)
    t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 200: 1 })
  }
})

t.test('counts what is the endpoint\'s at the root of a scope, with and without a slash', async t => {
  for (const [measured, options] of MEASURED) {
    const fastify = createFastify(t)
    await fastify.register(async scope => {
      scope.setNotFoundHandler(async (_request, reply) => await reply.code(404).send('none'))
      await scope.register(dynoaiMetrics, { runtimeMetrics: false, path: '/', ...options })
      fastify.get('/registry', async () => await samples(scope.metrics.registry))
    }, { prefix: '/v1' })
    for (const url of ['/v1', '/v1/', '/v1?x', '/v1/x']) {
      for (const method of ['GET', 'PROPFIND'] as const) await fastify.inject({ method: method as 'GET', url })
    }
    const found = (await fastify.inject('/registry')).json()
    t.match(found, { 'dynoai_metrics_scrapes_total{status="200"}': 3, 'dynoai_metrics_scrapes_total{status="404"}': 3 }, measured)
  }
})

t.test('counts an answer that a hook of the application holds up once', async t => {
  const fastify = await createMeasuredFastify(t)
  const { promise: held, resolve: release } = promiseWithResolvers()
  fastify.addHook('onResponse', async () => { await held })
  const origin = await listen(fastify)
  const socket = await openRawConnection(origin)
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  release()
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 200: 1 })
})

t.test('counts as 499 an answer that was hijacked, never seen before, and cut off', async t => {
  const statuses: number[] = []
  const { onResponse } = responseHooks(status => { statuses.push(status) }, () => true)
  const request = { raw: { socket: {} } } as unknown as FastifyRequest
  onResponse(request, { raw: { writableEnded: false } } as unknown as FastifyReply, () => {})
  t.strictSame(statuses, [499])
})

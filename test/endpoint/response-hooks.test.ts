import { once } from 'node:events'
import { connect } from 'node:http2'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { responseHooks } from '../../lib/endpoint/response-hooks.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { readSamples } from '../fixtures/samples.js'
import { waitForScrapes } from '../fixtures/scrapes.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import type { SentRequest, ServerSetup } from '../fixtures/transports.js'

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Hooks that respond instead of the endpoint, and the status that they send. */
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

/** Where a hook may be added. */
const HOOK_SETUPS: ReadonlyArray<readonly [name: string, setup: (hook: Hook) => Omit<ServerSetup, 'server'>]> = [
  [
    'onRequest before the plugin',
    hook => ({ before: fastify => { fastify.addHook('onRequest', hook) }, after: () => {} })
  ],
  ['onRequest after the plugin', hook => ({ after: fastify => { fastify.addHook('onRequest', hook) } })],
  ['preParsing', hook => ({ after: fastify => { fastify.addHook('preParsing', hook) } })],
  ['preHandler', hook => ({ after: fastify => { fastify.addHook('preHandler', hook) } })],
  ['onRequest of the route', hook => ({ plugin: withRoute({ onRequest: hook }), after: () => {} })],
  ['preHandler of the route', hook => ({ plugin: withRoute({ preHandler: [hook] }), after: () => {} })]
]

function withRoute (routeOptions: object): DynoaiMetricsOptions {
  return { endpoint: { routeOptions } }
}

/** With and without hooks of the request metrics. Upload metrics also add them. */
const MEASURED: ReadonlyArray<readonly [name: string, options: DynoaiMetricsOptions]> = [
  ['requests and dynoai', {}],
  ['only uploads', { requests: false, dynoai: false }],
  ['no groups', { requests: false, dynoai: false, uploads: false }]
]

type MethodCase = readonly [method: string, status: number]

const METHODS: readonly MethodCase[] = [['GET', 200], ['HEAD', 200], ['POST', 405], ['DELETE', 405], ['PROPFIND', 404]]
/** Node rejects an unknown method over HTTP/1. */
const HTTP2_METHODS: readonly MethodCase[] = [...METHODS, ['UNKNOWN', 404]]

// light-my-request parses a path that begins with two slashes as a host.
const PATH_FORMS = ['/metrics', '/metrics/', '/METRICS', '/%6detrics', '/metrics;x', '/metrics?x', '/metrics//?x']

async function checkNoRequests (t: Test, fastify: FastifyInstance): Promise<void> {
  t.strictSame(await readSamples(fastify.metrics.registry, 'dynoai_request_duration_seconds_count'), {})
}

for (const transport of TRANSPORTS) {
  for (const [measured, options] of MEASURED) {
    t.test(`counts each refusal of a hook once, with its status: ${transport}, ${measured}`, async t => {
      for (const [setupName, setup] of HOOK_SETUPS) {
        for (const [refusal, status, hook] of REFUSALS) {
          const name = `${refusal}, ${setupName}`
          const { plugin, ...rest } = setup(hook)
          const { fastify, send } = await startServer(t, transport, { ...rest, plugin: { ...plugin, ...options } })
          t.equal(await send('/metrics'), status, name)
          // The hooks respond to any method.
          t.equal(await send('/metrics?x', { method: 'HEAD' }), status, name)
          t.strictSame(await waitForScrapes(fastify.metrics.registry, 2), { [status]: 2 }, name)
          await checkNoRequests(t, fastify)
        }
      }
    })

    t.test(`counts requests to any form of its path with any method: ${transport}, ${measured}`, async t => {
      const routerOptions: object = { caseSensitive: false, useSemicolonDelimiter: true }
      const server = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, routerOptions }
      const { fastify, send } = await startServer(t, transport, { plugin: options, server, after: () => {} })
      const { registry } = fastify.metrics
      const methods = transport === 'HTTP/2' ? HTTP2_METHODS : METHODS
      for (const path of PATH_FORMS) {
        for (const [method, status] of methods) {
          const request = { method: method as NonNullable<SentRequest['method']> }
          t.equal(await send(path, request), status, `${method} ${path}`)
        }
      }
      const forms = PATH_FORMS.length
      const notFound = forms * methods.filter(([, status]) => status === 404).length
      const counted = await waitForScrapes(registry, forms * methods.length)
      t.strictSame(counted, { 200: 2 * forms, 405: 2 * forms, 404: notFound })
      await checkNoRequests(t, fastify)
      for (const path of ['/metricsx', '/x/metrics']) t.equal(await send(path), 404)
      t.strictSame((await waitForScrapes(registry, 0))['404'], notFound)
    })
  }
}

t.test('counts a scraper that disconnects during a hook once, as 499', async t => {
  for (const [measured, options] of MEASURED) {
    for (const http2 of [false, true]) {
      for (const isBefore of [true, false]) {
        const { promise: held, resolve: release } = promiseWithResolvers()
        const { promise: disconnected, resolve: disconnect } = promiseWithResolvers()
        const { promise: arrived, resolve: arrive } = promiseWithResolvers()
        const hook: Hook = async (request, reply) => {
          request.raw.once('close', disconnect)
          arrive()
          await held
          await reply.code(403).send('no')
        }
        const addHook = (fastify: FastifyInstance): void => { fastify.addHook('onRequest', hook) }
        const setup: ServerSetup = isBefore ? { before: addHook, after: () => {} } : { after: addHook }
        const server: object = http2 ? { http2 } : {}
        const { fastify } = await startServer(t, 'inject', { ...setup, plugin: options, server })
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
        await disconnected
        const name = `${measured}, HTTP/2 ${http2}, before ${isBefore}`
        t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 499: 1 }, `${name}, while the hook runs`)
        release()
        await nextTurn()
        t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 499: 1 }, `${name}, after it has responded`)
        await checkNoRequests(t, fastify)
      }
    }
  }
})

const SEPARATE_LISTENER_CASES = [
  ['GET', '/metrics', false, 403],
  ['GET', '/%6detrics', true, 200],
  ['PUT', '/metrics', true, 405],
  ['PROPFIND', '/metrics?x', true, 404],
  ['GET', '/other', true, 404],
  ['PROPFIND', '/other', true, 404]
] as const

t.test('counts each request to the path on a separate listener once, also refusals and other methods', async t => {
  const onRequest: Hook = async (request, reply) => {
    if (request.headers['x-pass'] === undefined) await reply.code(403).send('no')
  }
  const fastify = createFastify(t)
  fastify.addHook('onRequest', async (_request, reply) => await reply.code(418).send())
  const endpoint = { listen: { port: 0, host: '127.0.0.1' }, routeOptions: { onRequest } }
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, endpoint })
  await listen(fastify)
  const origin = `http://127.0.0.1:${fastify.metrics.address?.port}`
  for (const [method, path, passes, status] of SEPARATE_LISTENER_CASES) {
    const response = await fetch(origin + path, { method, headers: passes ? { 'x-pass': '1' } : {} })
    await response.text()
    t.equal(response.status, status, `${method} ${path}`)
  }
  t.strictSame(await waitForScrapes(fastify.metrics.registry, 4), { 403: 1, 200: 1, 405: 1, 404: 1 })
})

t.test('counts only requests that the route matches when the endpoint has constraints', async t => {
  for (const [, options] of MEASURED) {
    const fastify = await createMeasuredFastify(t, { ...options, ...withRoute({ constraints: { host: 'internal' } }) })
    t.equal((await fastify.inject({ url: '/metrics', headers: { host: 'internal' } })).statusCode, 200)
    t.equal((await fastify.inject('/metrics')).statusCode, 404)
    t.strictSame(await waitForScrapes(fastify.metrics.registry, 1), { 200: 1 })
  }
})

t.test('counts requests to the root of a scope, with and without a slash', async t => {
  for (const [measured, options] of MEASURED) {
    const fastify = createFastify(t)
    await fastify.register(async scope => {
      scope.setNotFoundHandler(async (_request, reply) => await reply.code(404).send('none'))
      await scope.register(dynoaiMetrics, { runtimeMetrics: false, path: '/', ...options })
      fastify.get('/registry', async () => await readSamples(scope.metrics.registry))
    }, { prefix: '/v1' })
    for (const url of ['/v1', '/v1/', '/v1?x', '/v1/x']) {
      for (const method of ['GET', 'PROPFIND'] as const) await fastify.inject({ method: method as 'GET', url })
    }
    t.match((await fastify.inject('/registry')).json(), {
      'dynoai_metrics_scrapes_total{status="200"}': 3,
      'dynoai_metrics_scrapes_total{status="404"}': 3
    }, measured)
  }
})

t.test('counts a response once when an onResponse hook of the application is slow', async t => {
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

t.test('counts a hijacked response that the hooks see only at its incomplete end as 499', async t => {
  const statuses: number[] = []
  const { onResponse } = responseHooks(status => { statuses.push(status) }, () => true)
  const request = { raw: { socket: {} } } as unknown as FastifyRequest
  onResponse(request, { raw: { writableEnded: false } } as unknown as FastifyReply, () => {})
  t.strictSame(statuses, [499])
})

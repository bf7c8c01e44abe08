import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import websocket from '@fastify/websocket'
import t from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { isSkipped } from '../../lib/requests/skip.js'
import type { SkipRequest } from '../../lib/types/index.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { samples } from '../fixtures/samples.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

const isProbe: SkipRequest = request => request.headers['user-agent'] === 'probe'
const probe = { headers: { 'user-agent': 'probe' } }
const ERRORS = 'dynoai_metrics_errors_total{metric="dynoai_request_duration_seconds"}'

for (const transport of TRANSPORTS) {
  t.test(`leaves out every request metric of a skipped request, over ${transport}`, async t => {
    const inFlight: unknown[] = []
    const { fastify, send } = await startServer(t, transport, {
      plugin: { requests: { skip: isProbe, sizes: true, labels: { tenant: () => 'a' } } },
      server: { exposeHeadRoutes: true },
      after (fastify) {
        fastify.get('/x', async () => { inFlight.push((await samples(fastify.metrics.registry))['dynoai_requests_in_flight']) })
        fastify.get('/boom', async () => { throw new Error('boom') })
      }
    })
    for (const path of ['/x', '/boom', '/nowhere']) await send(path, probe)
    await send('/x', { ...probe, method: 'HEAD' })
    t.strictSame(await readRequestCounts(fastify), {})
    const all = await samples(fastify.metrics.registry, 'dynoai_request')
    t.strictSame(all, { dynoai_requests_in_flight: 0 }, 'no series of any kind')
    t.equal(await send('/x'), 200)
    await assertIdle(t, fastify, 1)
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 200 tenant="a"': 1 })
    t.strictSame(inFlight, [0, 0, 1])
  })

  t.test(`still counts the analysis of a skipped request, over ${transport}`, async t => {
    const { fastify, send } = await startServer(t, transport, {
      plugin: { requests: { skip: isProbe } },
      after (fastify) {
        fastify.post('/ok', { config: { metrics: { analysis: { source: 'jetstream' } } } }, async () => 'ok')
        fastify.post('/boom', { config: { metrics: { analysis: {} } } }, async () => { throw new Error('boom') })
      }
    })
    for (const path of ['/ok', '/boom']) await send(path, { ...probe, method: 'POST' })
    t.strictSame(await readRequestCounts(fastify), {})
    t.match(await samples(fastify.metrics.registry), {
      'dynoai_analysis_total{status="success",source="jetstream"}': 1,
      'dynoai_analysis_total{status="error",source="upload"}': 1
    })
  })

  t.test(`is asked once for a request, when it arrives, in its own async context, over ${transport}`, async t => {
    const storage = new AsyncLocalStorage<string>()
    const events: unknown[] = []
    const { send } = await startServer(t, transport, {
      plugin: { requests: { skip: request => { events.push(['skip', request.url, storage.getStore()]); return false }, ignore: '/ignored' } },
      before (fastify) {
        fastify.addHook('onRequest', (request, _reply, done) => { storage.run(request.url, done) })
      },
      after (fastify) {
        for (const path of ['/x', '/ignored']) fastify.get(path, async () => { events.push(['handler', path]) })
        fastify.get('/off', { config: { metrics: false } }, async () => { events.push(['handler', '/off']) })
      }
    })
    for (const path of ['/x', '/ignored', '/off', '/metrics']) await send(path)
    t.strictSame(events, [['skip', '/x', '/x'], ['handler', '/x'], ['handler', '/ignored'], ['handler', '/off']])
  })

  t.test(`is asked once about a request that an earlier hook answers, over ${transport}`, async t => {
    const asked: string[] = []
    const { fastify, send } = await startServer(t, transport, {
      plugin: { requests: { skip: request => { asked.push(request.url); return request.url === '/skipped' } } },
      before (fastify) {
        fastify.addHook('onRequest', async (_request, reply) => reply.code(401).send())
      },
      after (fastify) {
        for (const path of ['/skipped', '/x']) fastify.get(path, async () => 'ok')
      }
    })
    for (const path of ['/skipped', '/x']) t.equal(await send(path), 401)
    await assertIdle(t, fastify, 1)
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 401': 1 })
    t.strictSame(asked, ['/skipped', '/x'])
  })
}

t.test('a skipped request whose client leaves is not counted either', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { skip: isProbe } })
  const waiting = new Promise<void>(resolve => { fastify.get('/wait', () => { resolve() }) })
  const left = new Promise<void>(resolve => { fastify.addHook('onRequestAbort', (_request, done) => { done(); resolve() }) })
  const socket = await openRawConnection(await listen(fastify))
  socket.write('GET /wait HTTP/1.1\r\nHost: x\r\nUser-Agent: probe\r\n\r\n')
  await waiting
  socket.destroy()
  await left
  t.strictSame(await readRequestCounts(fastify), {})
  await assertIdle(t, fastify, 0)
})

t.test('asks about an upgrade when it arrives, and counts no upgrade that is skipped', async t => {
  const asked: unknown[] = []
  const fastify = await createMeasuredFastify(t, { requests: { skip: request => { asked.push(request.url); return isProbe(request) } } })
  await fastify.register(websocket)
  fastify.get('/socket', {
    websocket: true,
    preValidation: async (request, reply) => {
      if (request.headers['x-fail']) throw new Error('fails')
      if (request.headers['x-refuse']) return reply.code(403).send()
    }
  }, () => {})
  const origin = await listen(fastify)
  const upgrade = async (head: string): Promise<string> => {
    const socket = await openRawConnection(origin)
    socket.write('GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${head}\r\n`)
    const answer = await readData(socket)
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
    return answer.slice(9, 12)
  }
  t.equal(await upgrade('User-Agent: probe\r\n'), '101')
  t.equal(await upgrade('User-Agent: probe\r\nX-Refuse: 1\r\n'), '403')
  t.equal(await upgrade('User-Agent: probe\r\nX-Fail: 1\r\n'), '500')
  t.equal(await upgrade(''), '101')
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'GET /socket 101': 1 })
  t.strictSame(asked, ['/socket', '/socket', '/socket', '/socket'], 'once each')
})

// `false` is an answer.
const wrong = UNEXPECTED_VALUES.filter(([what]) => what !== 'false')

t.test('counts the request when the function throws or gives no boolean, and the failure too', async t => {
  const unhandled = collectUnhandledRejections(t)
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger })
  let failing: () => unknown = () => true
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { skip: () => failing() as boolean } })
  fastify.get('/x', async () => 'ok')
  const cases: Array<() => unknown> = [
    () => { throw new Error('boom') }, () => undefined, () => 1, async () => true, async () => { throw new Error('late') }, ...wrong.map(([, make]) => make)
  ]
  for (const [i, fail] of cases.entries()) {
    failing = fail
    t.equal((await fastify.inject('/x')).statusCode, 200)
    t.match(await samples(fastify.metrics.registry), { [ERRORS]: i + 1 })
  }
  await nextTurn()
  t.strictSame(unhandled, [])
  t.strictSame(await readRequestCounts(fastify), { 'GET /x 200': cases.length })
  await assertIdle(t, fastify, cases.length)
  t.equal(lines.length, 1, 'logged once')
  t.match(lines, [{
    err: { message: 'boom' },
    msg: "the option 'requests.skip' failed, and the request is counted; more of these are only counted"
  }])
})

t.test('logs a failure of it also when something else of the requests has failed before', async t => {
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger })
  const fail = (): never => { throw new Error('boom') }
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { skip: request => request.url === '/x' ? fail() : false, labels: { tenant: fail } } })
  const get = async (fastify: FastifyInstance, path: string): Promise<void> => { await fastify.inject(path) }
  await get(fastify, '/y')
  await get(fastify, '/x')
  await get(fastify, '/x')
  t.equal(lines.filter(({ msg }) => String(msg).includes("'requests.skip'")).length, 1)
})

t.test('shows nothing of a value that may be a header', async t => {
  const errors: unknown[] = []
  t.equal(isSkipped((() => 'Bearer secret') as unknown as SkipRequest, {} as FastifyRequest, err => { errors.push(err) }), false)
  t.match(errors, [{ code: 'DYNOAI_METRICS_ERR_OPTION', message: /'requests\.skip' must be a function that gives true or false\. Received: a string of 13 characters, not shown/ }])
})

import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import websocket from '@fastify/websocket'
import t from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { isSkipped } from '../../lib/requests/skip.js'
import type { SkipRequest } from '../../lib/types/index.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { requestUpgrade } from '../fixtures/request-upgrade.js'
import { readSamples } from '../fixtures/samples.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

const isProbe: SkipRequest = request => request.headers['user-agent'] === 'probe'
const probe = { headers: { 'user-agent': 'probe' } }
const ERRORS = 'dynoai_metrics_errors_total{metric="dynoai_request_duration_seconds"}'

for (const transport of TRANSPORTS) {
  t.test(`leaves a skipped request out of every request metric, over ${transport}`, async t => {
    const inFlight: unknown[] = []
    const { fastify, send } = await startServer(t, transport, {
      plugin: { requests: { skip: isProbe, sizes: true, labels: { tenant: () => 'a' } } },
      server: { exposeHeadRoutes: true },
      after (fastify) {
        fastify.get('/x', async () => {
          inFlight.push((await readSamples(fastify.metrics.registry))['dynoai_requests_in_flight'])
        })
        fastify.get('/boom', async () => { throw new Error('boom') })
      }
    })
    for (const path of ['/x', '/boom', '/nowhere']) await send(path, probe)
    await send('/x', { ...probe, method: 'HEAD' })
    t.strictSame(await readRequestCounts(fastify), {})
    const all = await readSamples(fastify.metrics.registry, 'dynoai_request')
    t.strictSame(all, { dynoai_requests_in_flight: 0 }, 'no series of any kind')
    t.equal(await send('/x'), 200)
    await assertIdle(t, fastify, 1)
    t.strictSame(await readRequestCounts(fastify), { 'GET /x 200 tenant="a"': 1 })
    t.strictSame(inFlight, [0, 0, 1])
  })

  t.test(`counts the analysis of a skipped request, over ${transport}`, async t => {
    const { fastify, send } = await startServer(t, transport, {
      plugin: { requests: { skip: isProbe } },
      after (fastify) {
        fastify.post('/ok', { config: { metrics: { analysis: { source: 'jetstream' } } } }, async () => 'ok')
        fastify.post('/boom', { config: { metrics: { analysis: {} } } }, async () => { throw new Error('boom') })
      }
    })
    for (const path of ['/ok', '/boom']) await send(path, { ...probe, method: 'POST' })
    t.strictSame(await readRequestCounts(fastify), {})
    t.match(await readSamples(fastify.metrics.registry), {
      'dynoai_analysis_total{status="success",source="jetstream"}': 1,
      'dynoai_analysis_total{status="error",source="upload"}': 1
    })
  })

  t.test(`calls skip once for a request, when it arrives, in its async context, over ${transport}`, async t => {
    const storage = new AsyncLocalStorage<string>()
    const events: unknown[] = []
    const skip: SkipRequest = request => {
      events.push(['skip', request.url, storage.getStore()])
      return false
    }
    const { send } = await startServer(t, transport, {
      plugin: { requests: { skip, ignore: '/ignored' } },
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

  t.test(`calls skip once for a request that an earlier hook responds to, over ${transport}`, async t => {
    const calls: string[] = []
    const skip: SkipRequest = request => {
      calls.push(request.url)
      return request.url === '/skipped'
    }
    const { fastify, send } = await startServer(t, transport, {
      plugin: { requests: { skip } },
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
    t.strictSame(calls, ['/skipped', '/x'])
  })
}

t.test('does not count a skipped request whose client disconnects', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { skip: isProbe } })
  const waiting = new Promise<void>(resolve => { fastify.get('/wait', () => { resolve() }) })
  const aborted = new Promise<void>(resolve => {
    fastify.addHook('onRequestAbort', (_request, done) => {
      done()
      resolve()
    })
  })
  const socket = await openRawConnection(await listen(fastify))
  socket.write('GET /wait HTTP/1.1\r\nHost: x\r\nUser-Agent: probe\r\n\r\n')
  await waiting
  socket.destroy()
  await aborted
  t.strictSame(await readRequestCounts(fastify), {})
  await assertIdle(t, fastify, 0)
})

t.test('calls skip for an upgrade when it arrives, and counts no skipped upgrade', async t => {
  const calls: unknown[] = []
  const skip: SkipRequest = request => {
    calls.push(request.url)
    return isProbe(request)
  }
  const fastify = await createMeasuredFastify(t, { requests: { skip } })
  await fastify.register(websocket)
  fastify.get('/socket', {
    websocket: true,
    preValidation: async (request, reply) => {
      if (request.headers['x-fail']) throw new Error('fails')
      if (request.headers['x-refuse']) return reply.code(403).send()
    }
  }, () => {})
  const origin = await listen(fastify)
  const upgrade = async (headerLines: string): Promise<number> => {
    const { socket, status } = await requestUpgrade(origin, '/socket', headerLines)
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
    return status
  }
  t.equal(await upgrade('User-Agent: probe\r\n'), 101)
  t.equal(await upgrade('User-Agent: probe\r\nX-Refuse: 1\r\n'), 403)
  t.equal(await upgrade('User-Agent: probe\r\nX-Fail: 1\r\n'), 500)
  t.equal(await upgrade(''), 101)
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'GET /socket 101': 1 })
  t.strictSame(calls, ['/socket', '/socket', '/socket', '/socket'], 'once each')
})

// `false` is a valid result.
const invalidResults = UNEXPECTED_VALUES.filter(([what]) => what !== 'false')

t.test('counts the request and a metric error when skip throws or does not return a boolean', async t => {
  const unhandled = collectUnhandledRejections(t)
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger })
  let result: () => unknown = () => true
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { skip: () => result() as boolean } })
  fastify.get('/x', async () => 'ok')
  const cases: Array<() => unknown> = [
    () => { throw new Error('boom') }, () => undefined, () => 1, async () => true,
    async () => { throw new Error('late') }, ...invalidResults.map(([, make]) => make)
  ]
  for (const [i, invalid] of cases.entries()) {
    result = invalid
    t.equal((await fastify.inject('/x')).statusCode, 200)
    t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: i + 1 })
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

t.test('logs a failure of skip even after another failure in the request metrics', async t => {
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger })
  const fail = (): never => { throw new Error('boom') }
  const skip: SkipRequest = request => request.url === '/x' ? fail() : false
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { skip, labels: { tenant: fail } } })
  for (const url of ['/y', '/x', '/x']) await fastify.inject(url)
  t.equal(lines.filter(({ msg }) => String(msg).includes("'requests.skip'")).length, 1)
})

t.test('does not show a result that may be a header', async t => {
  const errors: unknown[] = []
  const skip = (() => 'Bearer secret') as unknown as SkipRequest
  t.equal(isSkipped(skip, {} as FastifyRequest, err => { errors.push(err) }), false)
  const message = "'requests.skip' must be a function that returns true or false. " +
    'Received: a string of 13 characters, not shown'
  t.match(errors, [{ code: 'DYNOAI_METRICS_ERR_OPTION', message }])
})

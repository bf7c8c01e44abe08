import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { FailedRequest } from '../../lib/types/index.js'
import { createFastify, listen, createMeasuredFastify } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { requestUpgrade } from '../fixtures/request-upgrade.js'
import { readSamples } from '../fixtures/samples.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

const ERRORS = 'dynoai_metrics_errors_total{metric="dynoai_request_exceptions_total"}'
const UNTIL_HEADERS = { config: { metrics: { until: 'headers' } } } as const

/** The exceptions counted, by path. */
async function readExceptions (fastify: FastifyInstance): Promise<Record<string, number>> {
  const counted = Object.entries(await readSamples(fastify.metrics.registry, 'dynoai_request_exceptions_total'))
    .filter(([, value]) => value > 0)
  return Object.fromEntries(counted.map(([name, value]) => [/path="(.*)"/.exec(name)?.[1] ?? '', value]))
}

const forms: ReadonlyArray<readonly [name: string, form: (request: FastifyRequest) => FailedRequest]> = [
  ["Fastify's request", request => request],
  ["Node's request", request => request.raw]
]

for (const transport of TRANSPORTS) {
  for (const [name, form] of forms) {
    t.test(`counts a request that ends in 5xx once, for ${name} over ${transport}`, async t => {
      const { fastify, send } = await startServer(t, transport, {
        after (fastify) {
          const { recordException } = fastify.metrics
          const respond = (request: FastifyRequest, reply: FastifyReply, code: number): FastifyReply => {
            recordException(form(request), new Error('boom'))
            return reply.code(code).send()
          }
          for (const code of [500, 503, 404, 200]) {
            fastify.get(`/${code}`, async (request, reply) => respond(request, reply, code))
          }
          fastify.get('/hijacked', (request, reply) => {
            reply.hijack()
            recordException(form(request), new Error('boom'))
            reply.raw.writeHead(500)
            reply.raw.end()
          })
          fastify.get('/later', async (request, reply) => {
            await nextTurn()
            return respond(request, reply, 500)
          })
          fastify.get('/both', async request => {
            recordException(form(request), new Error('boom'))
            throw new Error('boom')
          })
          fastify.get('/twice', async (request, reply) => {
            recordException(form(request), 'first')
            return respond(request, reply, 500)
          })
          fastify.get('/either', async (request, reply) => {
            recordException(request.raw, 1)
            recordException(request, null)
            return reply.code(500).send()
          })
          fastify.get('/head', UNTIL_HEADERS, async (request, reply) => respond(request, reply, 500))
          fastify.get('/plain', async (_request, reply) => reply.code(500).send())
        }
      })
      const counted = ['/500', '/503', '/hijacked', '/later', '/both', '/twice', '/either', '/head']
      const uncounted = ['/404', '/200', '/plain']
      for (const path of [...counted, ...uncounted]) await send(path)
      await assertIdle(t, fastify, counted.length + uncounted.length)
      t.strictSame(await readExceptions(fastify), Object.fromEntries(counted.map(path => [path, 1])))
      t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 0 })
    })

    t.test(`counts an exception in an earlier hook that sends the response, for ${name} over ${transport}`, async t => {
      const { fastify, send } = await startServer(t, transport, {
        before (fastify) {
          fastify.addHook('onRequest', async (request, reply) => {
            fastify.metrics.recordException(form(request), new Error('boom'))
            return reply.code(500).send()
          })
        },
        after (fastify) { fastify.get('/x', async () => 'ok') }
      })
      t.equal(await send('/x'), 500)
      await assertIdle(t, fastify, 1)
      t.strictSame(await readExceptions(fastify), { '/x': 1 })
      t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 0 })
    })

    t.test(`counts a metric error after the end of the request, for ${name} over ${transport}`, async t => {
      const requests: FastifyRequest[] = []
      const { fastify, send } = await startServer(t, transport, {
        after (fastify) {
          const recordLate = (request: FastifyRequest): void => {
            fastify.metrics.recordException(form(request), new Error('late'))
          }
          const keepRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
            requests.push(request)
            return reply.code(500).send()
          }
          fastify.get('/x', keepRequest)
          fastify.get('/head', UNTIL_HEADERS, (request, reply) => {
            reply.hijack()
            reply.raw.writeHead(500)
            recordLate(request)
            reply.raw.end()
          })
          fastify.addHook('onResponse', async request => { if (request.url === '/response') recordLate(request) })
          fastify.get('/response', keepRequest)
        }
      })
      await send('/head')
      t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 1 })
      await send('/response')
      await assertIdle(t, fastify, 2)
      t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 2 })
      await send('/x')
      await assertIdle(t, fastify, 3)
      for (const request of requests) fastify.metrics.recordException(form(request), new Error('late'))
      t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 4 })
      t.strictSame(await readExceptions(fastify), {})
    })

    t.test(`does nothing for a request that is not measured, for ${name} over ${transport}`, async t => {
      const { fastify, send } = await startServer(t, transport, {
        plugin: { requests: { ignore: '/ignored', skip: request => request.url === '/skipped' } },
        after (fastify) {
          const record = (request: FastifyRequest): void => {
            fastify.metrics.recordException(form(request), new Error('boom'))
          }
          const fail = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
            record(request)
            return reply.code(500).send()
          }
          for (const path of ['/ignored', '/skipped']) fastify.get(path, fail)
          fastify.get('/off', { config: { metrics: false } }, fail)
          fastify.addHook('preHandler', async request => { if (request.url === '/metrics') record(request) })
        }
      })
      for (const path of ['/ignored', '/skipped', '/off', '/metrics']) await send(path)
      t.strictSame(await readRequestCounts(fastify), {})
      t.strictSame(await readExceptions(fastify), {})
      t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 0 })
    })

    t.test(`counts nothing for a request of another instance, for ${name} over ${transport}`, async t => {
      const scopes: FastifyInstance[] = []
      const { send } = await startServer(t, transport, {
        plugin: null,
        after (fastify) {
          for (const prefix of ['/a', '/b']) {
            fastify.register(async scope => {
              await scope.register(dynoaiMetrics, { runtimeMetrics: false })
              scopes.push(scope)
              scope.get('/x', async (request, reply) => {
                const others = scopes.filter(other => other.metrics !== scope.metrics)
                for (const { metrics } of others) metrics.recordException(form(request), new Error('boom'))
                return reply.code(500).send()
              })
            }, { prefix })
          }
        }
      })
      for (const path of ['/a/x', '/b/x']) t.equal(await send(path), 500)
      for (const scope of scopes) {
        await assertIdle(t, scope, 1)
        t.strictSame(await readExceptions(scope), {})
      }
    })
  }
}

t.test("finds each of many pipelined requests by Node's request", async t => {
  const fastify = await createMeasuredFastify(t)
  const replies: FastifyReply[] = []
  fastify.get('/x', (request, reply) => {
    if (replies.push(reply) % 2 === 0) fastify.metrics.recordException(request.raw, new Error('boom'))
    if (replies.length < 50) return
    for (const [i, waiting] of replies.entries()) {
      if (i % 3 === 0) fastify.metrics.recordException(waiting.request.raw, new Error('boom'))
      waiting.code(500).send()
    }
  })
  const socket = await openRawConnection(await listen(fastify))
  socket.resume().write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50))
  await assertIdle(t, fastify, 50)
  // Every second request, and every third one from the first.
  const failed = Array.from({ length: 50 }, (_, i) => i).filter(i => i % 2 === 1 || i % 3 === 0)
  t.strictSame(await readExceptions(fastify), { '/x': failed.length })
  t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 0 })
  socket.destroy()
})

t.test('counts no exception when the client disconnects', async t => {
  const fastify = await createMeasuredFastify(t)
  const waiting = new Promise<void>(resolve => {
    fastify.get('/wait', request => {
      fastify.metrics.recordException(request, new Error('boom'))
      resolve()
    })
  })
  const socket = await openRawConnection(await listen(fastify))
  socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n')
  await waiting
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'GET /wait 499': 1 })
  t.strictSame(await readExceptions(fastify), {})
})

const invalidRequests: ReadonlyArray<readonly [what: string, make: () => unknown]> = [
  ...UNEXPECTED_VALUES,
  ['undefined', () => undefined],
  ['a Request of fetch', () => new Request('http://localhost/?token=secret', { headers: { authorization: 'secret' } })],
  ['an object with an invalid raw', () => ({ raw: { method: 'GET', url: '/?token=secret' } })],
  ['a request without a socket', () => ({ httpVersion: '1.1', method: 'GET', socket: null })],
  ['a raw that throws', () => ({ get raw () { throw new Error('boom') } })]
]

t.test("counts a metric error after the response to an upgrade, also for Node's request", async t => {
  for (const [status, until] of [[101, 'headers'], [500, 'headers'], [500, 'end']] as const) {
    for (const [name, form] of forms) {
      let request: FastifyRequest | undefined
      const fastify = await createMeasuredFastify(t)
      await fastify.register(websocket)
      fastify.get('/x', {
        config: { metrics: until === 'headers' ? { until } : {} },
        websocket: true,
        preValidation: async (received, reply) => {
          request = received
          if (status === 500) return reply.code(500).send()
        }
      }, () => {})
      const { socket } = await requestUpgrade(await listen(fastify), '/x')
      await assertIdle(t, fastify, 1)
      fastify.metrics.recordException(form(request as FastifyRequest), new Error('late'))
      t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: 1 }, `${name}, ${status}, until ${until}`)
      socket.destroy()
    }
  }
})

t.test('counts a metric error for a value that is not a request, without throwing or showing it', async t => {
  // The application handles the rejection of a promise that it passes.
  collectUnhandledRejections(t)
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  for (const [i, [what, make]] of invalidRequests.entries()) {
    const { length } = lines
    t.doesNotThrow(() => fastify.metrics.recordException(make() as FailedRequest, new Error('secret')), what)
    t.match(await readSamples(fastify.metrics.registry), { [ERRORS]: i + 1 }, what)
    t.equal(lines.length, i === 0 ? 1 : length)
  }
  t.match(lines, [{ metric: 'dynoai_request_exceptions_total', msg: /not recorded/ }])
  t.notMatch(JSON.stringify(lines), /secret/)
})

t.test('does not show a reply, or a request that has ended', async t => {
  for (const isLate of [true, false]) {
    const { logger, lines } = createCapturingLogger()
    const fastify = createFastify(t, { logger })
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
    let request: FastifyRequest | undefined
    fastify.get('/x', async (received, reply) => {
      request = received
      if (!isLate) fastify.metrics.recordException(reply as unknown as FailedRequest, new Error('secret'))
    })
    await fastify.inject({ url: '/x?token=secret', headers: { authorization: 'secret' } })
    await assertIdle(t, fastify, 1)
    if (isLate) fastify.metrics.recordException(request as FastifyRequest, new Error('secret'))
    const message = isLate ? /before the end of the request/ : /accepts Fastify's request or Node's/
    t.match(lines, [{ err: { code: 'DYNOAI_METRICS_ERR_CALL', message } }])
    t.notMatch(JSON.stringify(lines), /secret/)
  }
})

t.test('does nothing when requests are not measured', async t => {
  // The application handles the rejection of a promise that it passes.
  collectUnhandledRejections(t)
  const cases = [{ enabled: false }, { requests: false }, { requests: false, dynoai: false, uploads: false }] as const
  for (const options of cases) {
    const { logger, lines } = createCapturingLogger()
    const fastify = createFastify(t, { logger })
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
    for (const [what, make] of invalidRequests) {
      t.doesNotThrow(() => fastify.metrics.recordException(make() as FailedRequest, new Error('boom')), what)
    }
    t.strictSame(lines, [])
    t.notMatch(await fastify.metrics.registry.metrics(), /request_exceptions_total/)
  }
  await nextTurn()
})

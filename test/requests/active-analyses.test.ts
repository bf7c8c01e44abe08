import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply } from 'fastify'
import t from 'tap'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'
import { listen, createMeasuredFastify } from '../fixtures/app.js'
import { readData, openRawConnection } from '../fixtures/raw-client.js'
import { samples, readMetricValues } from '../fixtures/samples.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import { startScenarioServer } from '../fixtures/scenarios/support/server.js'
import { readCounts, waitForCounts } from '../fixtures/scenarios/support/scenario-counts.js'
import type { ServerKind, ScenarioServer } from '../fixtures/scenarios/support/scenario.js'
import { scenarios } from '../fixtures/scenarios/index.js'

const ANALYSIS = { config: { metrics: { analysis: { source: 'jetstream' } } } } as const

async function sumOf ({ metrics: { registry } }: FastifyInstance, name: string): Promise<number> {
  return (await readMetricValues(registry, `dynoai_${name}`)).reduce((sum, { value }) => sum + value, 0)
}

const active = async (fastify: FastifyInstance): Promise<number> => await sumOf(fastify, 'active_analyses')
const ended = async (fastify: FastifyInstance): Promise<number> => await sumOf(fastify, 'analysis_total')

/** Waits until so many analyses have ended. */
async function untilEnded (fastify: FastifyInstance, count: number): Promise<void> {
  for (let turn = 0; turn < 2000 && await ended(fastify) < count; turn++) await nextTurn()
}

const OPTIONS: Readonly<Record<string, DynoaiMetricsOptions>> = {
  'by default': {},
  'with requests: false': { requests: false },
  'skipped by requests.skip': { requests: { skip: () => true } },
  'ignored by requests.ignore': { requests: { ignore: /^/ } },
  'with sizes and own labels': { requests: { sizes: true, labels: { tenant: () => { throw new Error('label') } } } }
}

for (const transport of TRANSPORTS) {
  t.test(`a request of a route with an analysis is active from its arrival to its end, over ${transport}`, async t => {
    for (const [what, plugin] of Object.entries(OPTIONS)) {
      const seen: number[] = []
      const { fastify, send } = await startServer(t, transport, {
        plugin,
        before (fastify) {
          fastify.addHook('onRequest', async (request, reply) => {
            seen.push(await active(fastify))
            if (request.headers['x-early'] === 'reply') return reply.code(401).send('early')
            if (request.headers['x-early'] === 'fail') throw new Error('early')
          })
        },
        after (fastify) {
          const look = async (): Promise<void> => { seen.push(await active(fastify)) }
          fastify.get('/ok', ANALYSIS, look)
          fastify.get('/throws', ANALYSIS, async () => { await look(); throw new Error('boom') })
          fastify.get('/hook', { ...ANALYSIS, preHandler: async (_request: unknown, reply: FastifyReply) => { await look(); return reply.code(403).send() } }, look)
          fastify.get('/hijacked', ANALYSIS, async (_request, reply) => {
            await look()
            reply.hijack()
            reply.raw.writeHead(202).end('hijacked')
          })
          fastify.get('/plain', look)
        }
      })
      for (const [path, status, expected, headers] of [
        ['/ok', 200, [0, 1], {}], ['/throws', 500, [0, 1], {}], ['/hook', 403, [0, 1], {}], ['/hijacked', 202, [0, 1], {}], ['/plain', 200, [0, 0], {}],
        ['/ok', 401, [0], { 'x-early': 'reply' }], ['/ok', 500, [0], { 'x-early': 'fail' }]
      ] as const) {
        const before = await ended(fastify)
        seen.length = 0
        t.equal(await send(path, { headers }), status)
        if (path !== '/plain') await untilEnded(fastify, before + 1)
        t.strictSame(seen, expected, `${path} ${JSON.stringify(headers)} ${what}`)
        t.equal(await active(fastify), 0, `${path} ${JSON.stringify(headers)} ${what}, at rest`)
      }
    }
  })
}

t.test('is no longer active when its client has left, whatever its handler goes on with', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { skip: request => request.headers['x-skip'] === '1' } })
  fastify.post('/wait', ANALYSIS, () => {})
  fastify.post('/hijack', ANALYSIS, (_request, reply) => { reply.hijack() })
  const origin = await listen(fastify)
  let left = 0
  for (const path of ['/wait', '/hijack']) {
    for (const skip of [0, 1]) {
      const socket = await openRawConnection(origin)
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nX-Skip: ${skip}\r\nContent-Length: 0\r\n\r\n`)
      await once(fastify.server, 'request')
      t.equal(await active(fastify), 1, path)
      socket.destroy()
      await untilEnded(fastify, ++left)
      t.equal(await active(fastify), 0, path)
    }
  }
  t.equal(await sumOf(fastify, 'requests_in_flight'), 0)
})

t.test('an upgrade is no active analysis, as it is not in flight, though it is counted when it ends', async t => {
  const fastify = await createMeasuredFastify(t)
  await fastify.register(websocket)
  fastify.get('/socket', {
    websocket: true,
    ...ANALYSIS,
    preValidation: async (request, reply) => { if (request.headers['x-refuse']) return reply.code(403).send() }
  }, () => {})
  const origin = await listen(fastify)
  for (const [i, [extra, status]] of ([['', '101'], ['X-Refuse: 1\r\n', '403']] as const).entries()) {
    const socket = await openRawConnection(origin)
    socket.write('GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`)
    t.equal((await readData(socket)).slice(9, 12), status)
    t.equal(await active(fastify), 0, 'while it is open')
    socket.destroy()
    await untilEnded(fastify, i + 1)
    t.equal(await ended(fastify), i + 1)
    t.equal(await active(fastify), 0)
  }
})

t.test('a reset while an analysis runs leaves it active until it ends', async t => {
  const fastify = await createMeasuredFastify(t)
  const seen: number[] = []
  fastify.get('/x', ANALYSIS, async () => {
    fastify.metrics.registry.resetMetrics()
    seen.push(await active(fastify))
  })
  await fastify.inject('/x')
  t.strictSame(seen, [1])
  t.strictSame(await samples(fastify.metrics.registry, 'dynoai_active_analyses'), { dynoai_active_analyses: 0 })
})

/** Makes an analysis of every route that is declared from here on, but those that are not measured. */
function analyseAll (fastify: FastifyInstance): void {
  fastify.addHook('onRoute', route => {
    if (route.config?.metrics !== false) route.config = { ...route.config, metrics: { analysis: {} } }
  })
}

t.test('whatever becomes of an analysis, it is counted once and none is active at rest', async t => {
  const servers = new Map<ServerKind, ScenarioServer>()
  const counted = new Map<ServerKind, { requests: number, analyses: number }>()
  for (const { name, server: kind, counted: requests, run } of scenarios) {
    const server = servers.get(kind) ?? await startScenarioServer(kind, { before: analyseAll })
    if (!servers.has(kind)) t.teardown(server.close)
    servers.set(kind, server)
    const before = counted.get(kind) ?? { requests: 0, analyses: 0 }
    const matched = requests.filter(request => !request.includes(' __unmatched__ '))
    const all = { requests: before.requests + requests.length, analyses: before.analyses + matched.length }
    counted.set(kind, all)
    await run(server)
    t.equal((await waitForCounts(server.fastify, all.requests)).inFlight, 0, name)
    t.equal(await active(server.fastify), 0, name)
    await nextTurn()
    t.equal((await readCounts(server.fastify)).inFlight, 0, name)
    t.strictSame([await active(server.fastify), await ended(server.fastify)], [0, all.analyses], name)
  }
})

import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply } from 'fastify'
import t from 'tap'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'
import { listen, createMeasuredFastify } from '../fixtures/app.js'
import { openRawConnection } from '../fixtures/raw-client.js'
import { requestUpgrade } from '../fixtures/request-upgrade.js'
import { readSamples, readMetricValues } from '../fixtures/samples.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import { startScenarioServer } from '../fixtures/scenarios/support/server.js'
import { readCounts, waitForCounts } from '../fixtures/scenarios/support/scenario-counts.js'
import type { ServerKind, ScenarioServer } from '../fixtures/scenarios/support/scenario.js'
import { scenarios } from '../fixtures/scenarios/index.js'

const ANALYSIS = { config: { metrics: { analysis: { source: 'jetstream' } } } } as const

async function sumOf ({ metrics: { registry } }: FastifyInstance, name: string): Promise<number> {
  return (await readMetricValues(registry, `dynoai_${name}`)).reduce((sum, { value }) => sum + value, 0)
}

const readActive = async (fastify: FastifyInstance): Promise<number> => await sumOf(fastify, 'active_analyses')
const readEnded = async (fastify: FastifyInstance): Promise<number> => await sumOf(fastify, 'analysis_total')

/** Waits until so many analyses have ended. */
async function waitForEnded (fastify: FastifyInstance, count: number): Promise<void> {
  for (let turn = 0; turn < 2000 && await readEnded(fastify) < count; turn++) await nextTurn()
}

const OPTIONS: Readonly<Record<string, DynoaiMetricsOptions>> = {
  'by default': {},
  'with requests: false': { requests: false },
  'skipped by requests.skip': { requests: { skip: () => true } },
  'ignored by requests.ignore': { requests: { ignore: /^/ } },
  'with sizes and application labels': {
    requests: { sizes: true, labels: { tenant: () => { throw new Error('label') } } }
  }
}

for (const transport of TRANSPORTS) {
  t.test(`a request of an analysis route is active from its arrival to its end, over ${transport}`, async t => {
    for (const [what, plugin] of Object.entries(OPTIONS)) {
      const observed: number[] = []
      const { fastify, send } = await startServer(t, transport, {
        plugin,
        before (fastify) {
          fastify.addHook('onRequest', async (request, reply) => {
            observed.push(await readActive(fastify))
            if (request.headers['x-early'] === 'reply') return reply.code(401).send('early')
            if (request.headers['x-early'] === 'fail') throw new Error('early')
          })
        },
        after (fastify) {
          const observe = async (): Promise<void> => { observed.push(await readActive(fastify)) }
          const forbid = async (_request: unknown, reply: FastifyReply): Promise<FastifyReply> => {
            await observe()
            return reply.code(403).send()
          }
          fastify.get('/ok', ANALYSIS, observe)
          fastify.get('/throws', ANALYSIS, async () => {
            await observe()
            throw new Error('boom')
          })
          fastify.get('/hook', { ...ANALYSIS, preHandler: forbid }, observe)
          fastify.get('/hijacked', ANALYSIS, async (_request, reply) => {
            await observe()
            reply.hijack()
            reply.raw.writeHead(202).end('hijacked')
          })
          fastify.get('/plain', observe)
        }
      })
      for (const [path, status, expected, headers] of [
        ['/ok', 200, [0, 1], {}],
        ['/throws', 500, [0, 1], {}],
        ['/hook', 403, [0, 1], {}],
        ['/hijacked', 202, [0, 1], {}],
        ['/plain', 200, [0, 0], {}],
        ['/ok', 401, [0], { 'x-early': 'reply' }],
        ['/ok', 500, [0], { 'x-early': 'fail' }]
      ] as const) {
        const before = await readEnded(fastify)
        observed.length = 0
        t.equal(await send(path, { headers }), status)
        if (path !== '/plain') await waitForEnded(fastify, before + 1)
        t.strictSame(observed, expected, `${path} ${JSON.stringify(headers)} ${what}`)
        t.equal(await readActive(fastify), 0, `${path} ${JSON.stringify(headers)} ${what}, after the end`)
      }
    }
  })
}

t.test('an analysis is not active after its client disconnects, even when its handler continues', async t => {
  const fastify = await createMeasuredFastify(t, { requests: { skip: request => request.headers['x-skip'] === '1' } })
  fastify.post('/wait', ANALYSIS, () => {})
  fastify.post('/hijack', ANALYSIS, (_request, reply) => { reply.hijack() })
  const origin = await listen(fastify)
  let disconnected = 0
  for (const path of ['/wait', '/hijack']) {
    for (const skip of [0, 1]) {
      const socket = await openRawConnection(origin)
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nX-Skip: ${skip}\r\nContent-Length: 0\r\n\r\n`)
      await once(fastify.server, 'request')
      t.equal(await readActive(fastify), 1, path)
      socket.destroy()
      await waitForEnded(fastify, ++disconnected)
      t.equal(await readActive(fastify), 0, path)
    }
  }
  t.equal(await sumOf(fastify, 'requests_in_flight'), 0)
})

t.test('an upgrade is not an active analysis and not in flight, but is counted when it ends', async t => {
  const fastify = await createMeasuredFastify(t)
  await fastify.register(websocket)
  fastify.get('/socket', {
    websocket: true,
    ...ANALYSIS,
    preValidation: async (request, reply) => { if (request.headers['x-refuse']) return reply.code(403).send() }
  }, () => {})
  const origin = await listen(fastify)
  for (const [i, [headerLine, status]] of ([['', 101], ['X-Refuse: 1\r\n', 403]] as const).entries()) {
    const response = await requestUpgrade(origin, '/socket', headerLine)
    t.equal(response.status, status)
    t.equal(await readActive(fastify), 0, 'while the socket is open')
    response.socket.destroy()
    await waitForEnded(fastify, i + 1)
    t.equal(await readEnded(fastify), i + 1)
    t.equal(await readActive(fastify), 0)
  }
})

t.test('a reset of the registry does not change the number of active analyses', async t => {
  const fastify = await createMeasuredFastify(t)
  const observed: number[] = []
  fastify.get('/x', ANALYSIS, async () => {
    fastify.metrics.registry.resetMetrics()
    observed.push(await readActive(fastify))
  })
  await fastify.inject('/x')
  t.strictSame(observed, [1])
  t.strictSame(await readSamples(fastify.metrics.registry, 'dynoai_active_analyses'), { dynoai_active_analyses: 0 })
})

/** Makes every route that is declared later an analysis route, except unmeasured ones. */
function analyseAll (fastify: FastifyInstance): void {
  fastify.addHook('onRoute', route => {
    if (route.config?.metrics !== false) route.config = { ...route.config, metrics: { analysis: {} } }
  })
}

t.test('counts each analysis once whatever its outcome, and none is active afterwards', async t => {
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
    t.equal(await readActive(server.fastify), 0, name)
    await nextTurn()
    t.equal((await readCounts(server.fastify)).inFlight, 0, name)
    t.strictSame([await readActive(server.fastify), await readEnded(server.fastify)], [0, all.analyses], name)
  }
})

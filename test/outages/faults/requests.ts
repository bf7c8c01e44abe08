import { setTimeout as delay } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import type { FastifyReply } from 'fastify'
import { dynoaiMetrics } from '../../../lib/plugin.js'
import { LIGHT } from './state.js'
import type { BuildService } from './state.js'

/** A service whose route `/` answers in another way when it is broken. `count` is the number of the broken request. */
const answering = (answer: (reply: FastifyReply, count: number) => unknown): BuildService => async state => {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(dynoaiMetrics, LIGHT)
  let count = 0
  app.get('/', async (_request, reply) => state.isBroken ? await answer(reply, ++count) : 'ok')
  return app
}

const fail = (): never => { throw new Error('broken on purpose') }

async function answerLate (milliseconds: number): Promise<string> {
  await delay(milliseconds)
  return 'late'
}

const holdUpgrades: BuildService = async () => {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(dynoaiMetrics, LIGHT)
  await app.register(websocket)
  app.get('/', async () => 'ok')
  app.get('/socket', { websocket: true }, () => {})
  return app
}

const streamEvents: BuildService = async () => {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(dynoaiMetrics, LIGHT)
  app.get('/', async () => 'ok')
  app.get('/events', { config: { metrics: { until: 'headers' } } }, async (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: open\n\n')
  })
  return app
}

/** Faults of requests. */
export const requestFaults = {
  /** Only every twentieth request has what a check of a new version asks for. */
  refuse: answering((reply, count) => count % 20 === 0 ? 'ok' : reply.code(401).send('Unauthorized')),
  fail: answering(fail),
  /** Ten times what the objective allows. */
  failSome: answering((_reply, count) => count % 100 === 0 ? fail() : 'ok'),
  failThird: answering((_reply, count) => count % 3 === 0 ? fail() : 'ok'),
  slow: answering(async () => await answerLate(1050)),
  slowFifth: answering(async (_reply, count) => count % 5 === 0 ? await answerLate(1050) : 'ok'),
  slowTenth: answering(async (_reply, count) => count % 10 === 0 ? await answerLate(1050) : 'ok'),
  hang: answering(async () => await new Promise(() => {})),
  holdUpgrades,
  streamEvents
} as const satisfies Record<string, BuildService>

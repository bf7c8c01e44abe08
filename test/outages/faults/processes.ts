import { openSync, readdirSync } from 'node:fs'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { DynoaiMetricsOptions } from '../../../lib/index.js'
import { dynoaiMetrics } from '../../../lib/plugin.js'
import { LIGHT, repeat } from './state.js'
import type { BuildService } from './state.js'

/** Builds a service that has a route `/`. */
async function buildPlain (
  options: DynoaiMetricsOptions = {}, prepare: (app: FastifyInstance) => void = () => {}
): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true })
  prepare(app)
  await app.register(dynoaiMetrics, options)
  app.get('/', async () => 'ok')
  return app
}

/** 0.4 s in every 2 s: the same share of the time as 1 s in every 5 s, and several bursts in a window of 5 s. */
const blockLoop: BuildService = async state => {
  const app = await buildPlain()
  repeat(app, 2000, () => {
    const end = performance.now() + 400
    while (state.isBroken && performance.now() < end);
  })
  return app
}

/** 0.6 MiB per second, which is as much per second as a leak of 36 MiB per hour has in a minute. */
const leak: BuildService = async state => {
  const app = await buildPlain()
  const leaked: Buffer[] = []
  repeat(app, 1000, () => { if (state.isBroken) leaked.push(Buffer.alloc(0.6 * 2 ** 20, 1)) })
  return app
}

/** Opens files until 85 % of the descriptors are used. The process has a low limit. */
const openFiles = (limit: number): BuildService => async state => {
  const app = await buildPlain()
  repeat(app, 500, () => {
    if (!state.isBroken) return
    for (let open = readdirSync('/proc/self/fd').length; open < 0.85 * limit; open++) openSync('/dev/null', 'r')
  })
  return app
}

/** Closes the connection of two of three scrapes. */
const dropScrapes: BuildService = async state => {
  let scrapes = 0
  return await buildPlain(LIGHT, app => {
    app.addHook('onRequest', async function dropScrape (request, reply) {
      if (!state.isBroken || request.url !== '/metrics' || ++scrapes % 3 === 0) return
      reply.hijack()
      request.raw.socket.destroy()
    })
  })
}

/** A gauge whose collector waits for something slow. */
const collectSlowly: BuildService = async state => await buildPlain({
  ...LIGHT,
  metrics: {
    queueLength: {
      type: 'gauge',
      help: 'Jobs that wait',
      collect: async () => {
        if (state.isBroken) await new Promise(resolve => { setTimeout(resolve, 1300) })
        return 1
      }
    }
  }
})

const requireToken: BuildService = async () => await buildPlain({
  ...LIGHT, endpoint: { bearerToken: 'token', gzip: false }
})

/** A call with a status that does not exist. */
const callWrongly: BuildService = async state => {
  const app = await buildPlain(LIGHT)
  const total = app.metrics.analysisTotal as unknown as { inc (labels: object): void }
  repeat(app, 1000, () => { total.inc({ status: state.isBroken ? 'unknown' : 'success' }) })
  return app
}

/** A label with a new value each second. */
const labelWithoutLimit: BuildService = async state => {
  const app = await buildPlain({ ...LIGHT, maxSeries: 10 })
  const { ridesTotal } = app.metrics.define({ ridesTotal: { type: 'counter', help: 'Rides', labels: { rider: [] } } })
  let rider = 0
  repeat(app, 1000, () => { ridesTotal.inc({ rider: String(state.isBroken ? ++rider : 0) }) })
  return app
}

/** A process that answers scrapes for all processes of its directory. */
const answerForAll: BuildService = async (_state, directory) => await buildPlain({ processes: { directory } })

/** A process that only writes its metrics to the directory. */
const writeOnly: BuildService = async (_state, directory) =>
  await buildPlain({ processes: { directory }, endpoint: false })

/** A program without this plugin. */
const foreign: BuildService = async () => {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const app = Fastify({ forceCloseConnections: true })
  app.get('/metrics', async (_request, reply) => await reply.type(register.contentType).send(await register.metrics()))
  app.get('/', async () => 'ok')
  return app
}

/** A service with all metrics that never breaks by itself. The harness kills it. */
const plain: BuildService = async () => await buildPlain()

/** Faults of a process, of its metrics and of its endpoint. */
export const processFaults = {
  plain,
  blockLoop,
  leak,
  openFiles: openFiles(256),
  dropScrapes,
  collectSlowly,
  requireToken,
  callWrongly,
  labelWithoutLimit,
  answerForAll,
  writeOnly,
  foreign
} as const satisfies Record<string, BuildService>

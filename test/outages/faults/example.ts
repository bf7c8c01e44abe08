import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../../../examples/dynoai-api/app.js'
import type { AppOptions } from '../../../examples/dynoai-api/app.js'
import { HealthChecks } from '../../../examples/dynoai-api/health/health-checks.js'
import { healthPlugin } from '../../../examples/dynoai-api/health/plugin.js'
import { startStub } from '../../../examples/dynoai-api/jetstream/stub.js'
import type { StubOptions } from '../../../examples/dynoai-api/jetstream/stub.js'
import { dynoaiMetrics } from '../../../lib/plugin.js'
import { LIGHT } from './state.js'
import type { BuildService, State } from './state.js'

const QUIET: StubOptions = { newRuns: 0, failures: 0, slowness: 0 }
/** A sixtieth of the default interval. */
const POLL_INTERVAL = 500

/** The example with a stub of Jetstream that ends with it. */
async function buildExample (stubOptions: StubOptions = QUIET, options: AppOptions = {}): Promise<FastifyInstance> {
  const { url, token, close } = await startStub(stubOptions)
  const app = await buildApp({ ...options, metrics: LIGHT, jetstream: { url, token, pollIntervalMs: POLL_INTERVAL } })
  app.addHook('onClose', async function closeStub () { await close() })
  return app
}

type Fetch = (url: string, authorization: string) => Promise<Response>

const fetchFrom: Fetch = async (url, authorization) => await fetch(url, { headers: { authorization } })

/** The example with a stub of Jetstream, behind a proxy that answers in another way while it is broken. */
const withJetstream = (fetchBroken: Fetch, stubOptions: StubOptions = {}): BuildService => async state => {
  const { url, token, close } = await startStub({ ...QUIET, ...stubOptions })
  const proxy = Fastify({ forceCloseConnections: true })
  proxy.get('/*', async ({ url: path, headers: { authorization = '' } }, reply) => {
    const response = await (state.isBroken ? fetchBroken : fetchFrom)(url + path, authorization)
    return await reply.code(response.status).type('application/json').send(await response.text())
  })
  const app = await buildApp({
    metrics: LIGHT,
    jetstream: { url: await proxy.listen({ host: '127.0.0.1', port: 0 }), token, pollIntervalMs: POLL_INTERVAL }
  })
  app.addHook('onClose', async function closeJetstream () { await Promise.all([proxy.close(), close()]) })
  return app
}

/** Reports that every run that has begun has failed. */
const fetchFailedRuns: Fetch = async (url, authorization) =>
  new Response((await (await fetchFrom(url, authorization)).text())
    .replaceAll(/"state":"(?!pending)\w+"/g, '"state":"error"'))

/** The example with little space, so that few clients fill it. */
const isSmall: BuildService = async () => await buildExample(QUIET, {
  runs: { maxQueued: 1 }, virtualTuning: { maxSessions: 2, stepMs: 1000 }
})

/** The health route of the example, with a component that is unhealthy while it is broken. */
const reportUnhealthy: BuildService = async (state: State) => {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(dynoaiMetrics, LIGHT)
  const checks = new HealthChecks()
  checks.add('disk', () => ({ status: state.isBroken ? 'unhealthy' : 'healthy', message: 'The disk of uploads.' }))
  await app.register(healthPlugin, { checks, version: '1.0.0' })
  app.get('/', async () => 'ok')
  return app
}

const receiveUploads: BuildService = async () => {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(dynoaiMetrics, LIGHT)
  await app.register(multipart, { limits: { fileSize: 50 * 2 ** 20 } })
  app.get('/', async () => 'ok')
  app.post('/', async request => {
    for await (const part of request.files()) part.file.resume()
    return 'received'
  })
  return app
}

/** Services of the example, and one that receives uploads. */
export const exampleFaults = {
  example: async () => await buildExample(QUIET, { virtualTuning: { stepMs: 50 } }),
  jetstreamDown: withJetstream(async () => new Response('{"error":"down"}', { status: 503 })),
  jetstreamHangs: withJetstream(async () => await new Promise(() => {})),
  failRuns: withJetstream(fetchFailedRuns, { newRuns: 0.5, failingRuns: 0, corruptLogs: 0, rows: 200 }),
  isSmall,
  reportUnhealthy,
  receiveUploads
} as const satisfies Record<string, BuildService>

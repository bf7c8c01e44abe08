import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyReply } from 'fastify'
import { draw } from '../demo/draw.js'
import { StubCloud, type StubCloudOptions } from './stub-cloud.js'

/** How the stub behaves; a chance is a share from 0, never, to 1, always. */
export interface StubOptions extends StubCloudOptions {
  /** The token that calls must bring. @default 'stub-token' */
  readonly token?: string
  /** Chance that a call is answered with 503. @default 0.1 */
  readonly failures?: number
  /** Chance that a call is answered late. @default 0.1 */
  readonly slowness?: number
  /** How late, in milliseconds. @default 1500 */
  readonly slowMs?: number
}

/** A stub of Jetstream that listens. */
export interface Stub {
  /** Its base URL, on loopback. */
  readonly url: string
  readonly token: string
  close (): Promise<void>
}

interface ById {
  Params: { id: string }
}

/** Starts a stub of Jetstream's cloud API on a free port of loopback; its time goes on by one tick at every listing. */
export async function startStub (options: StubOptions = {}): Promise<Stub> {
  const { seed = 1, token = 'stub-token', failures = 0.1, slowness = 0.1, slowMs = 1500 } = options
  const cloud = new StubCloud(options)
  // Clients keep connections open, and a late answer is not worth waiting for.
  const stub = Fastify({ forceCloseConnections: true })
  let calls = 0

  stub.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${token}`) return reply.code(401).send({ error: 'The token is wrong.' })
    const call = ++calls
    if (draw(seed, `slowness of call ${call}`) < slowness) await sleep(slowMs, undefined, { ref: false })
    if (draw(seed, `failure of call ${call}`) < failures) return reply.code(503).send({ error: 'Jetstream is overloaded.' })
  })

  stub.get<{ Querystring: { since?: string } }>('/api/v1/runs', async ({ query }) => {
    cloud.tick()
    return { runs: cloud.list(query.since) }
  })

  stub.get<ById>('/api/v1/runs/:id', async ({ params }, reply) => cloud.get(params.id) ?? unknownRun(reply))

  stub.get<ById>('/api/v1/runs/:id/log', async ({ params }, reply) => {
    const run = cloud.get(params.id)
    if (run === undefined) return unknownRun(reply)
    if (run.state !== 'complete') return reply.code(409).send({ error: 'The run is not complete.' })
    return reply.type('text/csv').send(cloud.log(run))
  })

  const url = await stub.listen({ host: '127.0.0.1', port: 0 })
  return { url, token, close: () => stub.close() }
}

const unknownRun = (reply: FastifyReply) => reply.code(404).send({ error: 'There is no such run.' })

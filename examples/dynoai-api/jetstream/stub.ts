import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyReply } from 'fastify'
import { seededRandom } from '../demo/seeded-random.js'
import { SimulatedRuns, type SimulatedRunsOptions } from './simulated-runs.js'

/** Options of the stub; a probability is from 0 (never) to 1 (always). */
export interface StubOptions extends SimulatedRunsOptions {
  /** The token that every request must send. @default 'stub-token' */
  readonly token?: string
  /** Probability that the response to a request is 503. @default 0.1 */
  readonly failures?: number
  /** Probability that the response to a request is late. @default 0.1 */
  readonly slowness?: number
  /** Delay of a late response, in milliseconds. @default 1500 */
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

/** Starts a stub of Jetstream's cloud API on a free port of loopback. Every list of runs is one tick of its time. */
export async function startStub (options: StubOptions = {}): Promise<Stub> {
  const { seed = 1, token = 'stub-token', failures = 0.1, slowness = 0.1, slowMs = 1500 } = options
  const runs = new SimulatedRuns(options)
  // Clients keep connections open, and closing must not wait for a late response.
  const stub = Fastify({ forceCloseConnections: true })
  let requests = 0

  stub.addHook('onRequest', async function simulateFailures (request, reply) {
    if (request.headers.authorization !== `Bearer ${token}`) {
      return reply.code(401).send({ error: 'The token is wrong.' })
    }
    const number = ++requests
    if (seededRandom(seed, `slowness of call ${number}`) < slowness) await sleep(slowMs, undefined, { ref: false })
    if (seededRandom(seed, `failure of call ${number}`) < failures) {
      return reply.code(503).send({ error: 'Jetstream is overloaded.' })
    }
  })

  stub.get<{ Querystring: { since?: string } }>('/api/v1/runs', async ({ query }) => {
    runs.tick()
    return { runs: runs.list(query.since) }
  })

  stub.get<ById>('/api/v1/runs/:id', async ({ params }, reply) => runs.get(params.id) ?? sendUnknownRun(reply))

  stub.get<ById>('/api/v1/runs/:id/log', async ({ params }, reply) => {
    const run = runs.get(params.id)
    if (run === undefined) return sendUnknownRun(reply)
    if (run.state !== 'complete') return reply.code(409).send({ error: 'The run is not complete.' })
    return reply.type('text/csv').send(runs.log(run))
  })

  const url = await stub.listen({ host: '127.0.0.1', port: 0 })
  return { url, token, close: () => stub.close() }
}

function sendUnknownRun (reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'The run does not exist.' })
}

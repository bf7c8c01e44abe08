import type { FastifyPluginAsync } from 'fastify'
import type { AddHealthCheck, AnalyseLog } from '../contracts.js'
import { createJetstreamClient, type JetstreamError } from './client.js'
import { JetstreamPoller } from './poller.js'
import { RUN_STATES } from './runs.js'

/** What following Jetstream needs of the application. */
export interface JetstreamOptions {
  readonly analyse: AnalyseLog
  readonly addHealthCheck: AddHealthCheck
  /** Base URL of Jetstream's API, without a slash at its end. */
  readonly url: string
  /** The Bearer token of Jetstream's API. */
  readonly token: string
  /** From the start of a poll to the start of the next, in milliseconds. @default 30000 */
  readonly pollIntervalMs?: number
  /** How long Jetstream may take for one answer, in milliseconds. @default 30000 */
  readonly timeoutMs?: number
  /** Runs remembered, those that changed last. @default 200 */
  readonly maxRuns?: number
}

/** The rider's runs on Jetstream, under `/api/jetstream`. */
export const jetstream: FastifyPluginAsync<JetstreamOptions> = async (fastify, options) => {
  const { url, token, timeoutMs, analyse, addHealthCheck, pollIntervalMs: intervalMs = 30_000, maxRuns = 200 } = options
  const client = createJetstreamClient({ url, token, timeoutMs })
  const poller = new JetstreamPoller({ client, analyse, metrics: fastify.metrics, log: fastify.log, intervalMs, maxRuns })

  addHealthCheck('jetstream', () => poller.state.error === undefined
    ? { status: 'healthy', message: 'Jetstream answers.' }
    : { status: 'degraded', message: poller.state.error })

  fastify.addHook('onReady', async () => poller.start())
  // Before the server closes, so that no request waits for an answer of Jetstream.
  fastify.addHook('preClose', () => poller.stop())

  fastify.get('/api/jetstream/status', async () => {
    const runs = poller.runs.list()
    return {
      connected: poller.state.lastSuccess !== undefined && poller.state.error === undefined,
      last_success: poller.state.lastSuccess ?? null,
      error: poller.state.error ?? null,
      poll_interval_seconds: intervalMs / 1000,
      runs: Object.fromEntries(RUN_STATES.map(state => [state, runs.filter(run => run.state === state).length]))
    }
  })

  fastify.get('/api/jetstream/runs', async () => ({ runs: poller.runs.list() }))

  fastify.get<{ Params: { id: string } }>('/api/jetstream/runs/:id', async ({ params }, reply) =>
    poller.runs.get(params.id) ?? reply.code(404).send({ error: `There is no Jetstream run '${params.id}'.` }))

  fastify.post('/api/jetstream/sync', async (_request, reply) => {
    try {
      const ids = await poller.poll()
      return { new_runs_found: ids.length, run_ids: ids }
    } catch (error) {
      return reply.code(502).send({ error: (error as JetstreamError).message })
    }
  })
}

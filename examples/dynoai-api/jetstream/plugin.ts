import type { FastifyPluginAsync } from 'fastify'
import type { FeatureOptions } from '../contracts.js'
import { createJetstreamClient, type JetstreamError } from './client.js'
import { openRuns } from './open-runs.js'
import { JetstreamPoller } from './poller.js'
import { RUN_STATES } from './run.js'

/** Options of the Jetstream plugin. */
export interface JetstreamOptions extends FeatureOptions {
  /** Base URL of Jetstream's API, without a slash at its end. */
  readonly url: string
  /** The Bearer token of Jetstream's API. */
  readonly token: string
  /** Time from the start of a poll to the start of the next, in milliseconds. @default 30000 */
  readonly pollIntervalMs?: number
  /** Time limit for a response of Jetstream, in milliseconds. @default 30000 */
  readonly timeoutMs?: number
  /** Number of runs that are kept; the runs that changed longest ago are evicted. @default 200 */
  readonly maxRuns?: number
}

interface ById {
  Params: { id: string }
}

/** The rider's runs on Jetstream, under `/api/jetstream`. */
export const jetstreamPlugin: FastifyPluginAsync<JetstreamOptions> = async (fastify, options) => {
  const { url, token, timeoutMs, analyse, addHealthCheck, pollIntervalMs: intervalMs = 30_000, maxRuns = 200 } = options
  const { metrics, log } = fastify
  const client = createJetstreamClient({ url, token, timeoutMs })
  const poller = new JetstreamPoller({ client, analyse, metrics, log, intervalMs, maxRuns })
  metrics.define(openRuns(() => poller.runs.list()))

  addHealthCheck('jetstream', () => poller.state.error === undefined
    ? { status: 'healthy', message: 'Jetstream responds.' }
    : { status: 'degraded', message: poller.state.error })

  fastify.addHook('onReady', async function startPolling () { poller.start() })
  // `preClose` runs before the server closes, so no request waits for Jetstream any longer.
  fastify.addHook('preClose', async function stopPolling () { await poller.stop() })

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

  fastify.get<ById>('/api/jetstream/runs/:id', async ({ params }, reply) =>
    poller.runs.get(params.id) ?? reply.code(404).send({ error: `There is no Jetstream run '${params.id}'.` }))

  fastify.post('/api/jetstream/sync', async (_request, reply) => {
    try {
      const ids = await poller.poll()
      return { new_runs_found: ids.length, run_ids: ids }
    } catch (error) {
      // 424, not 502: Jetstream is a dependency that others operate. A 5xx is a fault of this service, and spends its
      // error budget. The metrics of polls show the failure.
      return reply.code(424).send({ error: (error as JetstreamError).message })
    }
  })
}

import type { FastifyPluginAsync } from 'fastify'
import type { FeatureOptions } from '../contracts.js'
import { writePullLog } from './pull-log.js'
import { Sessions, type Session } from './sessions.js'
import type { Pull, TuningConfig } from './simulation.js'

/** Options of virtual tuning. */
export interface VirtualTuningOptions extends FeatureOptions {
  /** Pause before every pull, in milliseconds. @default 200 */
  readonly stepMs?: number
  /** Number of sessions that are kept, ended ones included, and the limit of running sessions. @default 100 */
  readonly maxSessions?: number
}

const DEFAULT_CONFIG: TuningConfig = { scenario: 'lean', error_percent: 40, leak_percent: 0, max_iterations: 10 }

const START_SCHEMA = {
  type: 'object',
  // Not `additionalProperties: false`: Fastify removes such properties, and a misspelt name must be rejected.
  propertyNames: { enum: Object.keys(DEFAULT_CONFIG) },
  properties: {
    scenario: { enum: ['lean', 'rich', 'mixed'] },
    error_percent: { type: 'number', minimum: 0, maximum: 45 },
    leak_percent: { type: 'number', minimum: 0, maximum: 25 },
    max_iterations: { type: 'integer', minimum: 1, maximum: 10 }
  }
} as const

/** When a client should try again after the limit of running sessions was reached. Most sessions end within seconds. */
const RETRY_AFTER_SECONDS = 5

interface ById {
  Params: { id: string }
}

/** Tuning sessions on a simulated engine, under `/api/virtual-tune`. */
export const virtualTuningPlugin: FastifyPluginAsync<VirtualTuningOptions> = async (fastify, options) => {
  const { analyse, addHealthCheck, stepMs = 200, maxSessions = 100 } = options
  const sessions = new Sessions({ metrics: fastify.metrics, onEnd: analyseLastPull, stepMs, maxSessions })
  const analyses = new Set<Promise<void>>()

  /** Analyses the last pull of a session like any other log. */
  function analyseLastPull ({ session_id: id }: Session, pull: Pull): void {
    const analysis = analyse({ bytes: Buffer.from(writePullLog(pull)) }, { source: 'simulator' })
      .then(() => {}, (error: Error) => {
        fastify.log.info({ session: id, err: error }, 'the last pull could not be analysed')
      })
      .finally(() => analyses.delete(analysis))
    analyses.add(analysis)
  }

  addHealthCheck('virtual_tuning', () => sessions.running < maxSessions
    ? { status: 'healthy', message: `${sessions.running} tuning sessions are running.` }
    : { status: 'degraded', message: 'The limit of running tuning sessions is reached.' })

  fastify.addHook('onClose', async function stopSessions () {
    sessions.stopAll()
    await Promise.all(analyses)
  })

  fastify.post<{ Body: Partial<TuningConfig> }>('/api/virtual-tune/start', {
    schema: { body: START_SCHEMA },
    // All settings have defaults, so the body is optional.
    preValidation: async request => { request.body ??= {} }
  }, async (request, reply) => {
    const session = sessions.start({ ...DEFAULT_CONFIG, ...request.body })
    if (session === undefined) {
      // 429, not 503: the service works, and the limit protects it. A 5xx would spend its error budget.
      reply.header('retry-after', RETRY_AFTER_SECONDS)
      return reply.code(429).send({ success: false, error: 'Too many tuning sessions are running.' })
    }
    return { success: true, session_id: session.session_id, status: session.status, config: session.config }
  })

  fastify.get<ById>('/api/virtual-tune/status/:id', async ({ params }, reply) =>
    sessions.get(params.id) ?? reply.code(404).send(unknownSession(params.id)))

  fastify.post<ById>('/api/virtual-tune/stop/:id', async ({ params }, reply) => {
    const session = sessions.stop(params.id)
    return session ? { success: true, ...session } : reply.code(404).send(unknownSession(params.id))
  })
}

function unknownSession (id: string): { error: string } {
  return { error: `There is no tuning session '${id}'.` }
}

import { createRequire } from 'node:module'
import multipart from '@fastify/multipart'
import Fastify, {
  type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions
} from 'fastify'
import dynoaiMetrics, { type DynoaiMetricsOptions } from 'dynoai-metrics'
import { measuredAnalysis } from './analysis/measured-analysis.js'
import type { AddHealthCheck } from './contracts.js'
import { HealthChecks } from './health/health-checks.js'
import { health } from './health/plugin.js'
import { jetstream, type JetstreamOptions } from './jetstream/plugin.js'
import { startStub } from './jetstream/stub.js'
import { runs, type RunsOptions } from './runs/plugin.js'
import { virtualTuning, type VirtualTuningOptions } from './virtual-tuning/plugin.js'

/** Settings of the service and of its features; all have defaults. */
export interface AppOptions {
  readonly logger?: FastifyServerOptions['logger']
  /** Options of the metrics plugin. */
  readonly metrics?: DynoaiMetricsOptions
  /**
   * The largest log, in bytes.
   * @default 52428800
   */
  readonly maxUploadBytes?: number
  readonly runs?: Omit<RunsOptions, 'analyse' | 'addHealthCheck'>
  /** Left out, the service starts a stub of Jetstream for itself. */
  readonly jetstream?: Omit<JetstreamOptions, 'analyse' | 'addHealthCheck'>
  readonly virtualTuning?: Omit<VirtualTuningOptions, 'analyse' | 'addHealthCheck'>
}

const { version } = createRequire(import.meta.url)('dynoai-metrics/package.json') as { version: string }

/** The DynoAI service in small, measured by this package; one that cannot be built leaves nothing behind. */
export async function buildApp (options: AppOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({ logger: options.logger ?? false })
  try {
    await addFeatures(app, options)
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

async function addFeatures (app: FastifyInstance, options: AppOptions): Promise<void> {
  const { metrics, maxUploadBytes = 50 * 1024 ** 2 } = options
  app.setErrorHandler(answerWithSentence)
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ error: `There is no ${request.method} ${request.url}.` }))

  await app.register(dynoaiMetrics, { appInfo: { version }, ...metrics })
  await app.register(multipart, { limits: { fileSize: maxUploadBytes, files: 1 } })

  const checks = new HealthChecks()
  const addHealthCheck: AddHealthCheck = (component, check) => checks.add(component, check)
  const analyse = measuredAnalysis(app.metrics)
  await app.register(health, { checks, version })
  await app.register(runs, { ...options.runs, analyse, addHealthCheck })
  await app.register(virtualTuning, { ...options.virtualTuning, analyse, addHealthCheck })
  await app.register(jetstream, { ...options.jetstream ?? await ownJetstream(app), analyse, addHealthCheck })
}

/** Every error is answered like the original's: `{ error }` with a sentence. */
function answerWithSentence (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.statusCode !== undefined) return reply.code(error.statusCode).send({ error: error.message })
  request.log.error(error)
  return reply.code(500).send({ error: 'The service failed; its log says why.' })
}

async function ownJetstream (app: FastifyInstance): Promise<{ url: string, token: string }> {
  const stub = await startStub()
  app.addHook('onClose', async () => stub.close())
  return stub
}

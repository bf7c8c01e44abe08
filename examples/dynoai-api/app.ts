import { createRequire } from 'node:module'
import multipart from '@fastify/multipart'
import Fastify, {
  type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions
} from 'fastify'
import dynoaiMetrics, { type DynoaiMetricsOptions } from 'dynoai-metrics'
import { AnalysisThread } from './analysis/analysis-thread.js'
import { createMeasuredAnalysis } from './analysis/measured-analysis.js'
import type { FeatureOptions } from './contracts.js'
import { HealthChecks } from './health/health-checks.js'
import { healthPlugin } from './health/plugin.js'
import { jetstreamPlugin, type JetstreamOptions } from './jetstream/plugin.js'
import { startStub } from './jetstream/stub.js'
import { runsPlugin, type RunsOptions } from './runs/plugin.js'
import { virtualTuningPlugin, type VirtualTuningOptions } from './virtual-tuning/plugin.js'

/** Settings of the service and of its features. */
export interface AppOptions {
  /** Options of Fastify's logger. @default false */
  readonly logger?: FastifyServerOptions['logger']
  /** Options of the metrics plugin. */
  readonly metrics?: DynoaiMetricsOptions
  /** Where the service runs; a label of `dynoai_app_info`. @default 'production' */
  readonly environment?: string
  /** The largest log, in bytes. @default 52428800 */
  readonly maxUploadBytes?: number
  /** Options of uploads and their analysis. */
  readonly runs?: Omit<RunsOptions, keyof FeatureOptions | 'inspect'>
  /** Options of the Jetstream client. By default the service starts a stub of Jetstream. */
  readonly jetstream?: Omit<JetstreamOptions, keyof FeatureOptions>
  /** Options of virtual tuning. */
  readonly virtualTuning?: Omit<VirtualTuningOptions, keyof FeatureOptions>
}

const { version } = createRequire(import.meta.url)('dynoai-metrics/package.json') as { version: string }

/** Builds a small DynoAI service that this package measures. On an error, everything that was started is closed. */
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
  const { metrics, environment = 'production', maxUploadBytes = 50 * 1024 ** 2 } = options
  app.setErrorHandler(sendError)
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `There is no route ${request.method} ${request.url}.` }))

  await app.register(dynoaiMetrics, { appInfo: { version, environment }, ...metrics })
  await app.register(multipart, { limits: { fileSize: maxUploadBytes, files: 1 } })

  const checks = new HealthChecks()
  const thread = new AnalysisThread()
  app.addHook('onClose', async function endThread () { await thread.close() })
  const { analyse, inspect } = createMeasuredAnalysis(app.metrics, thread)
  const feature: FeatureOptions = {
    analyse,
    addHealthCheck: (component, check) => checks.add(component, check)
  }
  await app.register(healthPlugin, { checks, version })
  await app.register(runsPlugin, { ...options.runs, ...feature, inspect })
  await app.register(virtualTuningPlugin, { ...options.virtualTuning, ...feature })
  await app.register(jetstreamPlugin, { ...options.jetstream ?? await startJetstreamStub(app), ...feature })
}

/** Sends every error as `{ error }` with one sentence, like the original DynoAI API. */
function sendError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.statusCode !== undefined) return reply.code(error.statusCode).send({ error: error.message })
  request.log.error(error)
  return reply.code(500).send({ error: 'Internal error. The log of the service has the details.' })
}

/** Starts a stub of Jetstream that closes with the application. */
async function startJetstreamStub (app: FastifyInstance): Promise<{ url: string, token: string }> {
  const stub = await startStub()
  app.addHook('onClose', async () => stub.close())
  return stub
}

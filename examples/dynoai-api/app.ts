import { createRequire } from 'node:module'
import multipart from '@fastify/multipart'
import Fastify, {
  type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions
} from 'fastify'
import dynoaiMetrics, { type DynoaiMetricsOptions } from 'dynoai-metrics'
import { AnalysisThreads } from './analysis/analysis-threads.js'
import { createMeasuredAnalysis } from './analysis/measured-analysis.js'
import type { FeatureOptions } from './contracts.js'
import { describeError } from './describe-error.js'
import { endConnections } from './end-connections.js'
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
  readonly runs?: Omit<RunsOptions, keyof FeatureOptions | 'refuse'>
  /** Options of the Jetstream client. By default the service starts a stub of Jetstream. */
  readonly jetstream?: Omit<JetstreamOptions, keyof FeatureOptions>
  /** Options of virtual tuning. */
  readonly virtualTuning?: Omit<VirtualTuningOptions, keyof FeatureOptions>
}

const { version } = createRequire(import.meta.url)('dynoai-metrics/package.json') as { version: string }

/** The default of Node, which Fastify turns off: a slow client must not hold an upload for ever. */
const REQUEST_TIMEOUT_MS = 300_000

/** A form has one file. Its fields are not read, but are kept in memory until it ends. */
const FORM_LIMITS = { files: 1, fields: 20, fieldSize: 1000 } as const

/** Builds a small DynoAI service that this package measures. On an error, everything that was started is closed. */
export async function buildApp (options: AppOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({
    logger: options.logger ?? false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    frameworkErrors: (error, request, reply) => { sendError(error, request, reply) }
  })
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
  endConnections(app)
  app.setErrorHandler(sendError)
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `There is no route ${request.method} ${request.url}.` }))

  await app.register(dynoaiMetrics, { appInfo: { version, environment }, ...metrics })
  await app.register(multipart, { limits: { ...FORM_LIMITS, fileSize: maxUploadBytes } })

  const checks = new HealthChecks()
  const threads = new AnalysisThreads()
  app.addHook('onClose', async function endThreads () { await threads.close() })
  const { analyse, refuse } = createMeasuredAnalysis(app.metrics, threads)
  const feature: FeatureOptions = {
    analyse,
    addHealthCheck: (component, check) => checks.add(component, check)
  }
  await app.register(healthPlugin, { checks, version })
  await app.register(runsPlugin, { ...options.runs, ...feature, refuse })
  await app.register(virtualTuningPlugin, { ...options.virtualTuning, ...feature })
  await app.register(jetstreamPlugin, { ...options.jetstream ?? await startJetstreamStub(app), ...feature })
}

/** Sends every error as `{ error }` with one sentence, like the original DynoAI API. */
function sendError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode, message } = describeError(error, request.log)
  return reply.code(statusCode).send({ error: message })
}

/** Starts a stub of Jetstream that closes with the application. */
async function startJetstreamStub (app: FastifyInstance): Promise<{ url: string, token: string }> {
  const stub = await startStub()
  app.addHook('onClose', async () => stub.close())
  return stub
}

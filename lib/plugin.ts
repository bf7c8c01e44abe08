import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Registry } from 'prom-client'
import { createBusiness } from './dynoai/create.js'
import type { InstanceMetrics } from './dynoai/create.js'
import { uploadWatcher } from './dynoai/uploads.js'
import { Endpoint } from './endpoint/endpoint.js'
import { errors, received } from './errors.js'
import type { RegisterOptions } from './options/option-rules.js'
import { resolveOptions } from './options/options.js'
import type { ResolvedOptions } from './options/options.js'
import { hidden } from './options/rules.js'
import { infoMetrics } from './registry/info.js'
import { Mistakes } from './registry/mistakes.js'
import { defaultLabelsOf, join, setDefaultLabels } from './registry/registry.js'
import { runtimeMetrics } from './registry/runtime.js'
import { SafeLog } from './registry/safe-log.js'
import type { RecordException } from './requests/hooks.js'
import { Requests } from './requests/requests.js'
import type { DynoaiMetricsOptions, FastifyMetrics, MetricDefinitions, MetricsRegistry } from './types/index.js'
import { processWide } from './util/process-wide.js'

// What every copy of this plugin has decorated instances with, to tell their `metrics` from those of others.
const ours = processWide('decorators', () => new WeakSet<object>())

/** What an instance is measured with. */
interface Parts {
  readonly fastify: FastifyInstance
  readonly options: ResolvedOptions
  readonly registry: MetricsRegistry
  readonly mistakes: Mistakes
  readonly business: InstanceMetrics
}

/** What the measuring of an instance gives. */
interface Measured {
  readonly endpoint: Endpoint | null
  readonly recordException: RecordException
  /** Where metrics go that are defined later. */
  readonly registry: MetricsRegistry
}

async function plugin (fastify: FastifyInstance, opts: DynoaiMetricsOptions & RegisterOptions): Promise<void> {
  refuseSecondRegistration(fastify, opts)
  const options = resolveOptions(opts)
  const registry = (options.enabled ? options.registry : undefined) ?? new Registry()
  const mistakes = new Mistakes(options.namePrefix, new SafeLog(fastify.log))
  const business = createBusiness(options, mistakes)
  const parts: Parts = { fastify, options, registry, mistakes, business }
  decorate(parts, options.enabled ? measure(parts) : measureNothing(parts))
}

function refuseSecondRegistration (fastify: FastifyInstance, options: RegisterOptions): void {
  if (!fastify.hasDecorator('metrics')) return
  if (ours.has(fastify.metrics)) throw new errors.ERR_REGISTERED(received(options.prefix))
  throw new errors.ERR_DECORATOR(hidden(fastify.metrics))
}

function measure ({ fastify, options, registry, mistakes, business }: Parts): Measured {
  const endpoint = options.endpoint ? new Endpoint({ fastify, registry, options, endpoint: options.endpoint, mistakes }) : null
  const requests = new Requests({ options, mistakes, analyses: business.analyses })

  join(registry, [
    ...(options.runtimeMetrics ? runtimeMetrics(registry, options.runtimeMetrics) : []),
    ...infoMetrics(options.namePrefix, options.appInfo),
    ...requests.metrics,
    ...business.metrics,
    ...(endpoint ? endpoint.metrics : []),
    ...mistakes.metrics
  ], options.defaultLabels)
  setDefaultLabels(registry, options.defaultLabels)

  const watchArrival = business.observeUpload && uploadWatcher(business.observeUpload)
  const hasRequestHooks = options.requests.enabled || options.dynoai || watchArrival !== null
  const recordException = hasRequestHooks ? requests.follow(fastify, { watchArrival, endpoint }) : () => {}
  endpoint?.serve({ hasRequestHooks })
  return { endpoint, recordException, registry }
}

// What is wrong with definitions is an error all the same; the registry that the application sees stays empty.
function measureNothing ({ options, business }: Parts): Measured {
  const registry = new Registry()
  join(registry, business.metrics, options.defaultLabels)
  setDefaultLabels(registry, options.defaultLabels)
  return { endpoint: null, recordException: () => {}, registry }
}

function decorate ({ fastify, options, registry, business }: Parts, { endpoint, recordException, registry: joined }: Measured): void {
  const { handles, timeAnalysis } = business
  const metrics: FastifyMetrics = Object.freeze({
    ...handles,
    // A registry of another make has prom-client's interface; the type says prom-client's, so that its tools take it.
    registry: registry as Registry,
    enabled: options.enabled,
    timeAnalysis,
    // The definitions have been checked when the handles are there, so that their types follow from them.
    define: (definitions: MetricDefinitions) => business.define(definitions, added => {
      join(joined, added, defaultLabelsOf(joined) ?? options.defaultLabels)
    }) as never,
    recordException,
    get address () { return endpoint?.address ?? null }
  })
  ours.add(metrics)
  fastify.decorate('metrics', metrics)
}

/**
 * Registers the metrics of a Fastify instance: hooks that measure every request, `fastify.metrics` for business
 * metrics, and the endpoint that a Prometheus scrapes.
 */
export const dynoaiMetrics = fp(plugin, { fastify: '5.x', name: 'dynoai-metrics' })

import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Registry } from 'prom-client'
import { createBusiness } from './business/create.js'
import type { Business } from './business/create.js'
import { measureUploads } from './business/uploads.js'
import { addEndpoint, checkPath } from './endpoint/route.js'
import { errors, received } from './errors.js'
import { infoMetrics } from './info.js'
import { Mistakes } from './mistakes.js'
import { resolveOptions } from './options.js'
import type { RegisterOptions, ResolvedOptions } from './options.js'
import { join } from './registry.js'
import { addRequestHooks } from './requests/hooks.js'
import { RequestRecorder } from './requests/recorder.js'
import { RequestMetrics } from './requests/request-metrics.js'
import { runtimeMetrics } from './runtime.js'
import type { DynoaiMetricsOptions, FastifyMetrics, MetricsRegistry } from './types.js'

// What this plugin has decorated instances with, to tell its own `metrics` from another's.
const ours = new WeakSet<object>()

async function plugin (fastify: FastifyInstance, opts: DynoaiMetricsOptions & RegisterOptions): Promise<void> {
  refuseSecondRegistration(fastify, opts)
  const options = resolveOptions(opts)
  const mistakes = new Mistakes(options.namePrefix, fastify.log)
  const business = createBusiness(options, mistakes)
  const registry = options.enabled ? options.registry ?? new Registry() : new Registry()
  if (options.enabled) measure(fastify, options, registry, business, mistakes)
  decorate(fastify, options, registry, business)
}

function refuseSecondRegistration (fastify: FastifyInstance, options: RegisterOptions): void {
  if (!fastify.hasDecorator('metrics')) return
  if (ours.has(fastify.metrics)) throw new errors.ERR_REGISTERED(options.prefix ?? '')
  throw new errors.ERR_DECORATOR(received(fastify.metrics))
}

function measure (fastify: FastifyInstance, options: ResolvedOptions, registry: MetricsRegistry, business: Business, mistakes: Mistakes): void {
  checkPath(fastify, options.url)
  const requests = new RequestMetrics(options.namePrefix)
  join(registry, [
    ...(options.runtimeMetrics ? runtimeMetrics(registry, options.runtimeMetrics) : []),
    ...infoMetrics(options.namePrefix, options.appInfo),
    ...(options.requests ? requests.metrics : []),
    ...business.metrics,
    ...mistakes.metrics
  ], options.defaultLabels)
  if (options.requests) mistakes.watch(requests.durations.metric.name, false)

  if (options.requests || options.dynoai) {
    addRequestHooks(fastify, new RequestRecorder(requests, options.requests, business.recordAnalysis, mistakes))
  }
  if (options.uploads && options.dynoai) measureUploads(fastify, bytes => business.handles.fileUploadBytes.observe(bytes))
  addEndpoint(fastify, registry, options)
}

function decorate (fastify: FastifyInstance, { enabled }: ResolvedOptions, registry: MetricsRegistry, { handles, timeAnalysis }: Business): void {
  // A registry of another make has prom-client's interface; the type says prom-client's, so that its tools take it.
  const metrics: FastifyMetrics = Object.freeze({ ...handles, registry: registry as Registry, enabled, timeAnalysis })
  ours.add(metrics)
  fastify.decorate('metrics', metrics)
}

/**
 * Registers the metrics of a Fastify instance: hooks that measure every request, `fastify.metrics` for business
 * metrics, and the endpoint that a Prometheus scrapes.
 */
export const dynoaiMetrics = fp(plugin, { fastify: '5.x', name: 'dynoai-metrics' })

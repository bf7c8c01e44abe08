import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Registry } from 'prom-client'
import { createBusiness } from './dynoai/create.js'
import type { InstanceMetrics } from './dynoai/create.js'
import { uploadWatcher } from './dynoai/uploads.js'
import { Endpoint } from './endpoint/endpoint.js'
import { errors, received } from './errors.js'
import { infoMetrics } from './registry/info.js'
import { Mistakes } from './registry/mistakes.js'
import type { RegisterOptions } from './options/option-rules.js'
import { resolveOptions } from './options/options.js'
import type { ResolvedOptions } from './options/options.js'
import { processWide } from './util/process-wide.js'
import { defaultLabelsOf, join, setDefaultLabels } from './registry/registry.js'
import { ApplicationLabels } from './requests/application-labels.js'
import { RecordedExceptions } from './requests/exceptions.js'
import { addRequestHooks } from './requests/hooks.js'
import type { RecordException } from './requests/hooks.js'
import { MeasuredRoutes } from './requests/measured-routes.js'
import { RequestRecorder } from './requests/recorder.js'
import { RequestMetrics } from './requests/request-metrics.js'
import { noticeUnmatched } from './requests/unmatched-notice.js'
import { hidden } from './options/rules.js'
import { runtimeMetrics } from './registry/runtime.js'
import { SafeLog } from './registry/safe-log.js'
import type { DynoaiMetricsOptions, FastifyMetrics, MetricDefinitions, MetricsRegistry } from './types/index.js'

// What every copy of this plugin has decorated instances with, to tell their `metrics` from those of others.
const ours = processWide('decorators', () => new WeakSet<object>())

/** What the measuring of an instance gives. */
interface Measured {
  readonly endpoint: Endpoint | null
  readonly recordException: RecordException
}

const NOTHING_MEASURED: Measured = { endpoint: null, recordException: () => {} }

async function plugin (fastify: FastifyInstance, opts: DynoaiMetricsOptions & RegisterOptions): Promise<void> {
  refuseSecondRegistration(fastify, opts)
  const options = resolveOptions(opts)
  const mistakes = new Mistakes(options.namePrefix, new SafeLog(fastify.log))
  const business = createBusiness(options, mistakes)
  const registry = options.enabled ? options.registry ?? new Registry() : new Registry()
  const measured = options.enabled ? measure(fastify, options, registry, business, mistakes) : NOTHING_MEASURED
  decorate(fastify, options, registry, business, measured)
}

function refuseSecondRegistration (fastify: FastifyInstance, options: RegisterOptions): void {
  if (!fastify.hasDecorator('metrics')) return
  if (ours.has(fastify.metrics)) throw new errors.ERR_REGISTERED(received(options.prefix))
  throw new errors.ERR_DECORATOR(hidden(fastify.metrics))
}

function measure (fastify: FastifyInstance, options: ResolvedOptions, registry: MetricsRegistry, business: InstanceMetrics, mistakes: Mistakes): Measured {
  const endpoint = options.endpoint && new Endpoint(fastify, registry, options, options.endpoint, mistakes)
  const requests = new RequestMetrics(options.namePrefix, options.requests)
  join(registry, [
    ...(options.runtimeMetrics ? runtimeMetrics(registry, options.runtimeMetrics) : []),
    ...infoMetrics(options.namePrefix, options.appInfo),
    ...(options.requests.enabled ? requests.metrics : []),
    ...business.metrics,
    ...(endpoint ? endpoint.metrics : []),
    ...mistakes.metrics
  ], options.defaultLabels)
  setDefaultLabels(registry, options.defaultLabels)
  if (options.requests.enabled) {
    mistakes.watch(requests.durations.name, Object.keys(options.requests.labels).length > 0)
    mistakes.watch(requests.exceptions.name, false)
  }

  if (options.requests.enabled) noticeUnmatched(fastify, options.requests.ignore)
  const isMeasured = options.requests.enabled || options.dynoai || business.observeUpload !== null
  const record = isMeasured ? addHooks(fastify, options, requests, business, endpoint || null, mistakes) : null
  if (endpoint) endpoint.serve({ hasRequestHooks: record !== null })
  return { endpoint: endpoint || null, recordException: record !== null && options.requests.enabled ? record : NOTHING_MEASURED.recordException }
}

function addHooks (fastify: FastifyInstance, options: ResolvedOptions, metrics: RequestMetrics, { analyses, observeUpload }: InstanceMetrics, endpoint: Endpoint | null, mistakes: Mistakes): RecordException {
  const labels = new ApplicationLabels(options.requests.labels, options.maxSeries, metrics.durations.name, mistakes)
  const routes = new MeasuredRoutes({
    options: options.requests,
    rules: { labels: labels.names, analyses },
    isEndpoint: endpoint?.isUnmatched ?? null,
    onMistake: (err, consequence) => mistakes.error(metrics.durations.name, err, consequence)
  })
  const recorder = new RequestRecorder({ metrics, options: options.requests, labels, analyses })
  const watchArrival = observeUpload && uploadWatcher(observeUpload)
  const exceptions = new RecordedExceptions(metrics.exceptions.name, err => mistakes.error(metrics.exceptions.name, err))
  return addRequestHooks(fastify, { routes, recorder, exceptions, watchArrival, onEndpointAnswer: endpoint?.answered ?? null })
}

function decorate (fastify: FastifyInstance, { enabled, defaultLabels }: ResolvedOptions, registry: MetricsRegistry, { handles, timeAnalysis, define }: InstanceMetrics, { endpoint, recordException }: Measured): void {
  const metrics: FastifyMetrics = Object.freeze({
    ...handles,
    // A registry of another make has prom-client's interface; the type says prom-client's, so that its tools take it.
    registry: registry as Registry,
    enabled,
    timeAnalysis,
    // The types of the handles follow from the definitions, which has been checked by then.
    define: (definitions: MetricDefinitions) => define(definitions, metrics => { join(registry, metrics, defaultLabelsOf(registry) ?? defaultLabels) }) as never,
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

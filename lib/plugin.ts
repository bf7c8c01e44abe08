import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Registry } from 'prom-client'
import { createInstanceMetrics } from './dynoai/instance-metrics.js'
import type { InstanceMetrics } from './dynoai/instance-metrics.js'
import { uploadWatcher } from './dynoai/uploads.js'
import { Endpoint } from './endpoint/endpoint.js'
import { errors, received } from './errors.js'
import { Exposition } from './exposition/exposition.js'
import type { RegisterOptions } from './options/option-rules.js'
import { COLLECT_TIMEOUT, resolveOptions } from './options/options.js'
import type { ResolvedOptions } from './options/options.js'
import { redacted } from './options/rules.js'
import type { MemberOptions } from './processes/member.js'
import { Processes } from './processes/processes.js'
import { findService } from './processes/service.js'
import { defaultLabelsOf, setDefaultLabels } from './registry/default-labels.js'
import { infoMetrics } from './registry/info.js'
import { join } from './registry/join.js'
import { LEFT_OUT, MetricErrors } from './registry/metric-errors.js'
import { isRuntimeMetric, runtimeMetrics } from './registry/runtime.js'
import { SafeLog } from './registry/safe-log.js'
import type { RecordException } from './requests/hooks.js'
import { Requests } from './requests/requests.js'
import type { DynoaiMetricsOptions, FastifyMetrics, MetricDefinitions, MetricsRegistry } from './types/index.js'
import { joinPaths } from './util/join-paths.js'
import { processWide } from './util/process-wide.js'

// The values of `fastify.metrics` from all copies of this package, to distinguish them from decorators of other
// plugins.
const pluginDecorators = processWide('decorators', () => new WeakSet<object>())

/** A Fastify instance, and the objects that measure it. */
interface Instance {
  readonly fastify: FastifyInstance
  readonly options: ResolvedOptions
  readonly registry: MetricsRegistry
  readonly metricErrors: MetricErrors
  readonly instanceMetrics: InstanceMetrics
}

/** The results of `measure`. */
interface Measured {
  readonly endpoint: Endpoint | null
  readonly recordException: RecordException
  /** The registry for metrics that are defined later. */
  readonly registry: MetricsRegistry
}

async function plugin (fastify: FastifyInstance, opts: DynoaiMetricsOptions & RegisterOptions): Promise<void> {
  rejectSecondRegistration(fastify, opts)
  const options = resolveOptions(opts)
  const registry = (options.enabled ? options.registry : undefined) ?? new Registry()
  const metricErrors = new MetricErrors(options.namePrefix, new SafeLog(fastify.log))
  const instanceMetrics = createInstanceMetrics(options, metricErrors)
  const instance: Instance = { fastify, options, registry, metricErrors, instanceMetrics }
  decorate(instance, options.enabled ? measure(instance) : measureNothing(instance))
}

function rejectSecondRegistration (fastify: FastifyInstance, options: RegisterOptions): void {
  if (!fastify.hasDecorator('metrics')) return
  if (pluginDecorators.has(fastify.metrics)) throw new errors.ERR_REGISTERED(received(options.prefix))
  throw new errors.ERR_DECORATOR(redacted(fastify.metrics))
}

function measure (instance: Instance): Measured {
  const { fastify, options, registry, metricErrors, instanceMetrics } = instance
  const processes = createProcesses(instance, async pass => await exposition.collect(pass))
  const exposition = new Exposition({
    registry,
    defaultLabels: options.defaultLabels,
    collectTimeout: options.endpoint ? options.endpoint.collectTimeout : COLLECT_TIMEOUT,
    onError: (metric, err) => { metricErrors.countError(metric, err, LEFT_OUT) },
    merger: processes
  })
  const endpoint = options.endpoint ? new Endpoint({ fastify, exposition, options, endpoint: options.endpoint }) : null
  const requests = new Requests({ options, metricErrors, analyses: instanceMetrics.analyses })

  join(registry, [
    ...(options.runtimeMetrics ? runtimeMetrics(registry, options.runtimeMetrics) : []),
    ...infoMetrics(options.namePrefix, options.appInfo),
    ...requests.metrics,
    ...instanceMetrics.metrics,
    ...(endpoint ? endpoint.metrics : []),
    ...(processes ? processes.metrics : []),
    ...metricErrors.metrics
  ], options.defaultLabels)
  setDefaultLabels(registry, options.defaultLabels)

  const onArrival = instanceMetrics.observeUpload && uploadWatcher(instanceMetrics.observeUpload)
  const hasRequestHooks = options.requests.enabled || options.dynoai || onArrival !== null
  const recordException = hasRequestHooks ? requests.addHooks(fastify, { onArrival, endpoint }) : () => {}
  if (processes) shareUntilClose(fastify, processes)
  endpoint?.serve({ hasRequestHooks })
  return { endpoint, recordException, registry }
}

// Before the endpoint adds its hooks: Fastify calls `onClose` hooks in reverse order, and the endpoint closes first.
function shareUntilClose (fastify: FastifyInstance, processes: Processes): void {
  fastify.addHook('onClose', async () => { processes.close() })
  processes.start()
}

/** `null` if this process answers scrapes for itself alone. */
function createProcesses (instance: Instance, collect: MemberOptions['collect']): Processes | null {
  const { fastify, options, registry, metricErrors } = instance
  const { option, interval, pm2 } = options.processes
  const url = joinPaths(fastify.prefix, options.url)
  const service = findService({ option, metricPrefix: options.namePrefix, url, env: pm2 })
  const isRuntime = (name: string): boolean => isRuntimeMetric(name, options.runtimeMetrics || {})
  const { namePrefix } = options
  return service && new Processes({ service, interval, namePrefix, registry, metricErrors, isRuntime, collect })
}

// Wrong definitions are errors here as well, so the metrics are joined to another registry. The public one stays empty.
function measureNothing ({ options, instanceMetrics }: Instance): Measured {
  const registry = new Registry()
  join(registry, instanceMetrics.metrics, options.defaultLabels)
  setDefaultLabels(registry, options.defaultLabels)
  return { endpoint: null, recordException: () => {}, registry }
}

function decorate (instance: Instance, { endpoint, recordException, registry: joined }: Measured): void {
  const { fastify, options, registry, instanceMetrics } = instance
  const { handles, timeAnalysis } = instanceMetrics
  const metrics: FastifyMetrics = Object.freeze({
    ...handles,
    // Another package's registry has the interface of prom-client's. This type lets tools for prom-client accept it.
    registry: registry as Registry,
    enabled: options.enabled,
    timeAnalysis,
    // Cast to `never`: the return type follows from the definitions, and TypeScript cannot derive it here.
    define: (definitions: MetricDefinitions) => instanceMetrics.define(definitions, added => {
      join(joined, added, defaultLabelsOf(joined) ?? options.defaultLabels)
    }) as never,
    recordException,
    get address () { return endpoint?.address ?? null }
  })
  pluginDecorators.add(metrics)
  fastify.decorate('metrics', metrics)
}

/**
 * The Fastify plugin. It adds hooks that measure every request, `fastify.metrics` for business metrics, and the
 * endpoint that Prometheus scrapes.
 */
export const dynoaiMetrics = fp(plugin, { fastify: '5.x', name: 'dynoai-metrics' })

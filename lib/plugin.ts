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
import { Processes } from './processes/processes.js'
import { findService } from './processes/service.js'
import type { Service } from './processes/service.js'
import { defaultLabelsOf, setDefaultLabels } from './registry/default-labels.js'
import { infoMetrics } from './registry/info.js'
import { join } from './registry/join.js'
import { LEFT_OUT, MetricErrors } from './registry/metric-errors.js'
import { runtimeMetrics } from './registry/runtime.js'
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
  /** `null` if this process answers scrapes for itself alone. */
  readonly service: Service | null
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
  const { namePrefix: metricPrefix, processes: { option, pm2 } } = options
  const service = findService({ option, metricPrefix, url: joinPaths(fastify.prefix, options.url), env: pm2 })
  const instance: Instance = { fastify, options, registry, metricErrors, instanceMetrics, service }
  decorate(instance, options.enabled ? measure(instance) : measureNothing(instance))
}

function rejectSecondRegistration (fastify: FastifyInstance, options: RegisterOptions): void {
  if (!fastify.hasDecorator('metrics')) return
  if (pluginDecorators.has(fastify.metrics)) throw new errors.ERR_REGISTERED(received(options.prefix))
  throw new errors.ERR_DECORATOR(redacted(fastify.metrics))
}

function measure ({ fastify, options, registry, metricErrors, instanceMetrics, service }: Instance): Measured {
  const exposition = new Exposition({
    registry,
    defaultLabels: options.defaultLabels,
    collectTimeout: options.endpoint ? options.endpoint.collectTimeout : COLLECT_TIMEOUT,
    onError: (metric, err) => { metricErrors.countError(metric, err, LEFT_OUT) }
  })
  const endpoint = options.endpoint ? new Endpoint({ fastify, exposition, options, endpoint: options.endpoint }) : null
  const address = (): string | null => endpoint && endpoint.answersAt
  const requests = new Requests({ options, metricErrors, analyses: instanceMetrics.analyses })
  const isBusy = (): boolean => requests.areInProgress
  const processes = service && new Processes({ service, options, registry, metricErrors, exposition, address, isBusy })

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
  // Before the hooks of the endpoint: Fastify calls `onClose` hooks in reverse order, so the endpoint closes first.
  processes?.shareWith(fastify)
  endpoint?.serve({ hasRequestHooks })
  return { endpoint, recordException, registry }
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

import { env } from 'node:process'
import type { LogLevel } from 'fastify'
import { DURATION_BUCKETS } from './buckets.js'
import { errors } from './errors.js'
import { joinPaths } from './join-paths.js'
import { checkOptions, isPath, PATH } from './option-rules.js'
import type { RegisterOptions } from './option-rules.js'
import type { DynoaiMetricsOptions, MetricDefinitions, MetricsRegistry, RequestOptions, RuntimeMetricsSettings } from './types.js'

/** How requests are measured, with every default filled in. */
export interface ResolvedRequests extends Required<RequestOptions> {
  readonly enabled: boolean
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly enabled: boolean
  /** `prefix` and `path`, below the prefix of the scope. */
  readonly url: string
  /** `metricPrefix` with the underscore that follows it, or nothing. */
  readonly namePrefix: string
  readonly appInfo: Readonly<Record<string, string>>
  readonly registry: MetricsRegistry | undefined
  readonly defaultLabels: Readonly<Record<string, string>>
  readonly runtimeMetrics: false | RuntimeMetricsSettings
  readonly dynoai: boolean
  readonly metrics: MetricDefinitions
  readonly maxSeries: number
  readonly requests: ResolvedRequests
  readonly uploads: boolean
  readonly logLevel: LogLevel | undefined
  readonly logSerializers: RegisterOptions['logSerializers']
}

const TRUE = ['true', '1', 'yes', 'on']
const FALSE = ['false', '0', 'no', 'off']

function environmentBoolean (name: string): boolean | undefined {
  const value = env[name] ?? ''
  const word = value.trim().toLowerCase()
  if (word === '') return undefined
  if (TRUE.includes(word)) return true
  if (FALSE.includes(word)) return false
  throw new errors.ERR_ENV(name, `one of ${[...TRUE, ...FALSE].join(', ')}`, value)
}

function environmentPath (name: string): string | undefined {
  const value = env[name] ?? ''
  if (value === '') return undefined
  if (!isPath(value)) throw new errors.ERR_ENV(name, PATH, value)
  return value
}

/**
 * The options as they hold from here on, frozen; an explicit option wins over its environment variable.
 * @throws DYNOAI_METRICS_ERR_OPTION, DYNOAI_METRICS_ERR_UNKNOWN_OPTION, DYNOAI_METRICS_ERR_ENV
 */
export function resolveOptions (options: DynoaiMetricsOptions & RegisterOptions): ResolvedOptions {
  checkOptions(options)
  const { runtimeMetrics = true, requests = {} } = options

  return Object.freeze({
    enabled: options.enabled ?? environmentBoolean('METRICS_ENABLED') ?? true,
    url: joinPaths(options.prefix ?? '', options.path ?? environmentPath('METRICS_PATH') ?? '/metrics'),
    namePrefix: options.metricPrefix === '' ? '' : `${options.metricPrefix ?? 'dynoai'}_`,
    appInfo: Object.freeze({ version: env['npm_package_version'] ?? 'unknown', ...options.appInfo }),
    registry: options.registry,
    defaultLabels: Object.freeze({ ...options.defaultLabels }),
    runtimeMetrics: runtimeMetrics === false ? false : Object.freeze(runtimeMetrics === true ? {} : { ...runtimeMetrics }),
    dynoai: options.dynoai ?? true,
    metrics: Object.freeze({ ...options.metrics }),
    maxSeries: options.maxSeries ?? 2000,
    requests: resolveRequests(requests),
    uploads: options.uploads ?? true,
    logLevel: options.logLevel,
    logSerializers: options.logSerializers
  })
}

function resolveRequests (requests: false | RequestOptions): ResolvedRequests {
  const { buckets = DURATION_BUCKETS, labels = {}, ignore = [], groupStatus = false, sizes = false } = requests || {}
  return Object.freeze({
    enabled: requests !== false,
    buckets: Object.freeze([...buckets]),
    labels: Object.freeze({ ...labels }),
    ignore: Array.isArray(ignore) ? Object.freeze([...ignore]) : ignore,
    groupStatus,
    sizes
  })
}

import type { ServerOptions } from 'node:https'
import { env } from 'node:process'
import type { LogLevel } from 'fastify'
import { errors, received } from '../errors.js'
import { DURATION_BUCKETS } from '../series/buckets.js'
import type {
  DynoaiMetricsOptions, EndpointOptions, EndpointRouteOptions, MetricDefinitions, MetricsRegistry, RequestOptions,
  RuntimeMetricsSettings, SkipRequest
} from '../types/index.js'
import { joinPaths } from '../util/join-paths.js'
import { appVersion } from './app-version.js'
import { PORT, TOKEN } from './endpoint-rules.js'
import {
  environmentAutoOrBoolean, environmentBoolean, environmentPath, environmentPort, environmentText, environmentToken
} from './environment.js'
import { checkOptions } from './option-rules.js'
import type { RegisterOptions } from './option-rules.js'
import { resolveProcesses } from './processes-option.js'
import type { ResolvedProcesses } from './processes-option.js'

/** How requests are measured, with all defaults. */
export interface ResolvedRequests extends Required<Omit<RequestOptions, 'skip'>> {
  readonly enabled: boolean
  /** `null` for none. */
  readonly skip: SkipRequest | null
}

/** How long a collection waits for a metric by default, in milliseconds. */
export const COLLECT_TIMEOUT = 5000

/** The separate listener of the endpoint. */
export interface ListenOptions {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  /** Without it, the listener uses HTTP. */
  readonly https?: Readonly<ServerOptions>
}

/** How the endpoint is served, with all defaults. */
export interface ResolvedEndpoint {
  readonly bearerToken: string | undefined
  readonly basicAuth: { readonly username: string, readonly password: string } | undefined
  /** `null` if the endpoint uses the application's listener. */
  readonly listen: ListenOptions | null
  readonly routeOptions: EndpointRouteOptions
  readonly gzip: boolean
  readonly maxConcurrentScrapes: number
  readonly collectTimeout: number
}

/** The options with all defaults. */
export interface ResolvedOptions {
  readonly enabled: boolean
  /** `prefix` and `path`, relative to the prefix of the scope. */
  readonly url: string
  /** `metricPrefix` with an underscore, or an empty string. */
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
  readonly endpoint: false | ResolvedEndpoint
  readonly processes: ResolvedProcesses
  readonly logLevel: LogLevel | undefined
  readonly logSerializers: RegisterOptions['logSerializers']
}

/**
 * Checks options, and returns them with all defaults, frozen. An option takes precedence over its environment variable.
 * @throws DYNOAI_METRICS_ERR_OPTION, DYNOAI_METRICS_ERR_UNKNOWN_OPTION, DYNOAI_METRICS_ERR_ENV
 */
export function resolveOptions (userOptions: DynoaiMetricsOptions & RegisterOptions): ResolvedOptions {
  const options = checkOptions(userOptions)
  const { runtimeMetrics = true, requests = {} } = options

  return Object.freeze({
    enabled: options.enabled ?? environmentBoolean('METRICS_ENABLED') ?? true,
    url: joinPaths(options.prefix ?? '', options.path ?? environmentPath('METRICS_PATH') ?? '/metrics'),
    namePrefix: options.metricPrefix === '' ? '' : `${options.metricPrefix ?? 'dynoai'}_`,
    appInfo: resolveAppInfo(options.appInfo),
    registry: options.registry,
    defaultLabels: Object.freeze({ ...options.defaultLabels }),
    runtimeMetrics: resolveRuntimeMetrics(runtimeMetrics),
    dynoai: options.dynoai ?? true,
    metrics: Object.freeze({ ...options.metrics }),
    maxSeries: options.maxSeries ?? 2000,
    requests: resolveRequests(requests),
    uploads: options.uploads ?? true,
    endpoint: options.endpoint === false ? false : resolveEndpoint(options.endpoint ?? {}),
    processes: resolveProcesses(options.processes ?? environmentAutoOrBoolean('METRICS_PROCESSES') ?? 'auto'),
    logLevel: options.logLevel,
    logSerializers: options.logSerializers
  })
}

function resolveRuntimeMetrics (settings: boolean | RuntimeMetricsSettings): ResolvedOptions['runtimeMetrics'] {
  if (settings === false) return false
  return Object.freeze(settings === true ? {} : { ...settings })
}

function resolveAppInfo (appInfo: DynoaiMetricsOptions['appInfo'] = {}): ResolvedOptions['appInfo'] {
  // With a version in `appInfo`, no file is read.
  const version = appInfo['version'] ?? appVersion(environmentText('npm_package_version'))
  return Object.freeze({ version, ...appInfo })
}

function resolveRequests (requests: false | RequestOptions): ResolvedRequests {
  const { buckets = DURATION_BUCKETS, labels = {}, ignore = [], skip = null } = requests || {}
  const { groupStatus = false, sizes = false } = requests || {}
  return Object.freeze({
    enabled: requests !== false,
    buckets: Object.freeze([...buckets]),
    labels: Object.freeze({ ...labels }),
    ignore: Array.isArray(ignore) ? Object.freeze([...ignore]) : ignore,
    skip,
    groupStatus,
    sizes
  })
}

function resolveEndpoint (options: EndpointOptions): ResolvedEndpoint {
  const { basicAuth, listen, routeOptions = {} } = options
  const { gzip = true, maxConcurrentScrapes = 10, collectTimeout = COLLECT_TIMEOUT } = options
  const bearerToken = options.bearerToken ?? environmentToken('METRICS_BEARER_TOKEN')
  // `bearerToken: undefined` is an error, like an empty variable: the application wants a token, but could not read it.
  if (bearerToken === undefined && Object.hasOwn(options, 'bearerToken')) {
    const expected = `${TOKEN[0]}, here or in METRICS_BEARER_TOKEN; to have none, leave it out`
    throw new errors.ERR_OPTION('endpoint.bearerToken', expected, received(bearerToken))
  }
  return Object.freeze({
    bearerToken,
    basicAuth: basicAuth && Object.freeze({ ...basicAuth }),
    listen: resolveListen(listen),
    routeOptions: Object.freeze({ ...routeOptions }),
    gzip,
    maxConcurrentScrapes,
    collectTimeout
  })
}

function resolveListen (listen: EndpointOptions['listen']): ListenOptions | null {
  if (listen === false) return null
  const host = listen?.host ?? environmentText('METRICS_HOST')
  const port = listen?.port ?? environmentPort('METRICS_PORT')
  const https = listen?.https
  if (port !== undefined) {
    return Object.freeze({ host: host ?? 'localhost', port, ...(https && { https: Object.freeze({ ...https }) }) })
  }
  if (listen !== undefined) {
    throw new errors.ERR_OPTION('endpoint.listen.port', `${PORT[0]}, here or in METRICS_PORT`, received(port))
  }
  // A host alone shows that the endpoint needs a separate listener, so it must not use that of the application.
  if (host !== undefined) {
    throw new errors.ERR_ENV('METRICS_PORT', `${PORT[0]} if METRICS_HOST is set`, received(env['METRICS_PORT']))
  }
  return null
}

import type { ServerOptions } from 'node:https'
import { env } from 'node:process'
import type { LogLevel } from 'fastify'
import { errors, received } from '../errors.js'
import { DURATION_BUCKETS } from '../series/buckets.js'
import type {
  DynoaiMetricsOptions, EndpointOptions, EndpointRouteOptions, MetricDefinitions, MetricsRegistry, RequestOptions, RuntimeMetricsSettings,
  SkipRequest
} from '../types/index.js'
import { joinPaths } from '../util/join-paths.js'
import { appVersion } from './app-version.js'
import { PORT, TOKEN } from './endpoint-rules.js'
import {
  environmentBoolean, environmentPath, environmentPort, environmentText, environmentToken
} from './environment.js'
import { checkOptions } from './option-rules.js'
import type { RegisterOptions } from './option-rules.js'

/** How requests are measured, with every default filled in. */
export interface ResolvedRequests extends Required<Omit<RequestOptions, 'skip'>> {
  readonly enabled: boolean
  /** `null` where none is given. */
  readonly skip: SkipRequest | null
}

/** Where the endpoint listens by itself. */
export interface ListenOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** Left out for plain HTTP. */
  readonly https?: Readonly<ServerOptions>
}

/** How the endpoint is served, with every default filled in. */
export interface ResolvedEndpoint {
  readonly bearerToken: string | undefined
  readonly basicAuth: { readonly username: string, readonly password: string } | undefined
  /** `null` for the application's own listener. */
  readonly listen: ListenOptions | null
  readonly routeOptions: EndpointRouteOptions
  readonly gzip: boolean
  readonly maxConcurrentScrapes: number
  readonly collectTimeout: number
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
  readonly endpoint: false | ResolvedEndpoint
  readonly logLevel: LogLevel | undefined
  readonly logSerializers: RegisterOptions['logSerializers']
}

/**
 * The options as they hold from here on, frozen; an explicit option wins over its environment variable.
 * @throws DYNOAI_METRICS_ERR_OPTION, DYNOAI_METRICS_ERR_UNKNOWN_OPTION, DYNOAI_METRICS_ERR_ENV
 */
export function resolveOptions (given: DynoaiMetricsOptions & RegisterOptions): ResolvedOptions {
  const options = checkOptions(given)
  const { runtimeMetrics = true, requests = {} } = options

  return Object.freeze({
    enabled: options.enabled ?? environmentBoolean('METRICS_ENABLED') ?? true,
    url: joinPaths(options.prefix ?? '', options.path ?? environmentPath('METRICS_PATH') ?? '/metrics'),
    namePrefix: options.metricPrefix === '' ? '' : `${options.metricPrefix ?? 'dynoai'}_`,
    appInfo: resolveAppInfo(options.appInfo),
    registry: options.registry,
    defaultLabels: Object.freeze({ ...options.defaultLabels }),
    runtimeMetrics: runtimeMetrics === false ? false : Object.freeze(runtimeMetrics === true ? {} : { ...runtimeMetrics }),
    dynoai: options.dynoai ?? true,
    metrics: Object.freeze({ ...options.metrics }),
    maxSeries: options.maxSeries ?? 2000,
    requests: resolveRequests(requests),
    uploads: options.uploads ?? true,
    endpoint: options.endpoint === false ? false : resolveEndpoint(options.endpoint ?? {}),
    logLevel: options.logLevel,
    logSerializers: options.logSerializers
  })
}

function resolveAppInfo (given: DynoaiMetricsOptions['appInfo'] = {}): ResolvedOptions['appInfo'] {
  // No file is read where the version is given.
  const version = given['version'] ?? appVersion(environmentText('npm_package_version'))
  return Object.freeze({ version, ...given })
}

function resolveRequests (requests: false | RequestOptions): ResolvedRequests {
  const { buckets = DURATION_BUCKETS, labels = {}, ignore = [], skip = null, groupStatus = false, sizes = false } = requests || {}
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
  const { basicAuth, listen, routeOptions = {}, gzip = true, maxConcurrentScrapes = 10, collectTimeout = 5000 } = options
  const bearerToken = options.bearerToken ?? environmentToken('METRICS_BEARER_TOKEN')
  // As with the empty variable: whoever writes it down wants one, and has failed to read it from somewhere.
  if (bearerToken === undefined && Object.hasOwn(options, 'bearerToken')) {
    throw new errors.ERR_OPTION('endpoint.bearerToken', `${TOKEN[0]}, here or in METRICS_BEARER_TOKEN; to have none, leave it out`, received(bearerToken))
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
  if (port !== undefined) return Object.freeze({ host: host ?? 'localhost', port, ...(https && { https: Object.freeze({ ...https }) }) })
  if (listen !== undefined) throw new errors.ERR_OPTION('endpoint.listen.port', `${PORT[0]}, here or in METRICS_PORT`, received(port))
  // A host alone says that the endpoint should stand apart; on the application's listener it would be where it must not.
  if (host !== undefined) throw new errors.ERR_ENV('METRICS_PORT', `${PORT[0]} beside METRICS_HOST`, received(env['METRICS_PORT']))
  return null
}

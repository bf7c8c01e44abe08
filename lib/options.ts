import { env } from 'node:process'
import type { LogLevel } from 'fastify'
import { errors, received } from './errors.js'
import { isObject } from './is-object.js'
import { joinPaths } from './join-paths.js'
import { isLabelName, isMetricName } from './names.js'
import type { DynoaiMetricsOptions, MetricDefinitions, MetricsRegistry, RuntimeMetricsSettings } from './types.js'

/** Fastify's own register options, which reach a plugin among its options. */
export interface RegisterOptions {
  readonly prefix?: string
  readonly logLevel?: LogLevel
  readonly logSerializers?: Record<string, (value: unknown) => unknown>
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
  readonly requests: boolean
  readonly uploads: boolean
  readonly logLevel: LogLevel | undefined
  readonly logSerializers: RegisterOptions['logSerializers']
}

type Rule = readonly [expected: string, accepts: (value: unknown) => boolean]

const REGISTRY_METHODS = ['metrics', 'getMetricsAsArray', 'getSingleMetric', 'registerMetric', 'setDefaultLabels']

const boolean: Rule = ['true or false', value => typeof value === 'boolean']
const object: Rule = ['an object', isObject]
const string: Rule = ['a string', value => typeof value === 'string']
const path: Rule = [
  "a path that begins with '/' and has no space, '?', '#', ':' or '*'",
  value => typeof value === 'string' && /^\/[^\s?#:*]*$/.test(value)
]
const labels: Rule = [
  "an object of strings under valid label names, not 'le' or '__…'",
  value => isObject(value) && Object.entries(value).every(([name, text]) => isLabelName(name) && typeof text === 'string')
]
const ascending: Rule = [
  'an array of ascending numbers',
  value => Array.isArray(value) && value.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > value[i - 1]))
]

const RULES: Readonly<Record<keyof DynoaiMetricsOptions | keyof RegisterOptions, Rule>> = {
  enabled: boolean,
  path,
  metricPrefix: [
    "'' or a valid metric name that does not end in '_'",
    value => value === '' || (typeof value === 'string' && isMetricName(value) && !value.endsWith('_'))
  ],
  appInfo: labels,
  registry: [
    `a registry with ${REGISTRY_METHODS.join(', ')} and a contentType`,
    value => isObject(value) && typeof value['contentType'] === 'string' && REGISTRY_METHODS.every(name => typeof value[name] === 'function')
  ],
  defaultLabels: labels,
  runtimeMetrics: ["true, false or an object of prom-client's settings", value => typeof value === 'boolean' || isObject(value)],
  dynoai: boolean,
  metrics: ['an object of metric definitions', isObject],
  maxSeries: ['a whole number of at least 1', value => Number.isSafeInteger(value) && Number(value) >= 1],
  requests: ['false or an object', value => value === false || isObject(value)],
  uploads: boolean,
  prefix: [`'' or ${path[0]}`, value => value === '' || path[1](value)],
  logLevel: string,
  logSerializers: object
}

const RUNTIME_RULES: Readonly<Record<keyof RuntimeMetricsSettings, Rule>> = {
  prefix: string,
  labels,
  gcDurationBuckets: ascending,
  eventLoopMonitoringPrecision: ['a whole number of milliseconds of at least 1', value => Number.isSafeInteger(value) && Number(value) >= 1]
}

/** Throws for a name that `rules` do not have and for a value that its rule does not accept; `undefined` is left out. */
function check (options: object, rules: Readonly<Record<string, Rule>>, parent = ''): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) {
      throw new errors.ERR_UNKNOWN_OPTION(parent + name, Object.keys(rules).join(', ') || 'none', received(value))
    }
    if (value !== undefined && !rule[1](value)) throw new errors.ERR_OPTION(parent + name, rule[0], received(value))
  }
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
  if (!path[1](value)) throw new errors.ERR_ENV(name, path[0], value)
  return value
}

/**
 * The options as they hold from here on, frozen; an explicit option wins over its environment variable.
 * @throws DYNOAI_METRICS_ERR_OPTION, DYNOAI_METRICS_ERR_UNKNOWN_OPTION, DYNOAI_METRICS_ERR_ENV
 */
export function resolveOptions (options: DynoaiMetricsOptions & RegisterOptions): ResolvedOptions {
  check(options, RULES)
  const { runtimeMetrics = true, requests = {} } = options
  if (typeof runtimeMetrics === 'object') check(runtimeMetrics, RUNTIME_RULES, 'runtimeMetrics.')
  if (requests !== false) check(requests, {}, 'requests.')

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
    requests: requests !== false,
    uploads: options.uploads ?? true,
    logLevel: options.logLevel,
    logSerializers: options.logSerializers
  })
}

import type { LogLevel } from 'fastify'
import { isBuckets } from './buckets.js'
import { errors, received } from './errors.js'
import { isObject } from './is-object.js'
import { isLabelName, isMetricName } from './names.js'
import type { DynoaiMetricsOptions, RequestOptions, RuntimeMetricsSettings } from './types.js'

/** Fastify's own register options, which reach a plugin among its options. */
export interface RegisterOptions {
  readonly prefix?: string
  readonly logLevel?: LogLevel
  readonly logSerializers?: Record<string, (value: unknown) => unknown>
}

/** What a path must be, for an error message. */
export const PATH = "a path that begins with '/' and has no space, '?', '#', ':' or '*'"

/** Whether a value is the path of one route, without parameters. */
export function isPath (value: unknown): value is string {
  return typeof value === 'string' && /^\/[^\s?#:*]*$/.test(value)
}

type Rule = readonly [expected: string, accepts: (value: unknown) => boolean]

const REGISTRY_METHODS = ['metrics', 'getMetricsAsArray', 'getSingleMetric', 'registerMetric', 'setDefaultLabels']

const boolean: Rule = ['true or false', value => typeof value === 'boolean']
const object: Rule = ['an object', isObject]
const string: Rule = ['a string', value => typeof value === 'string']
const path: Rule = [PATH, isPath]
const labels: Rule = [
  "an object of strings under valid label names, not 'le' or '__…'",
  value => isObject(value) && Object.entries(value).every(([name, text]) => isLabelName(name) && typeof text === 'string')
]
const buckets: Rule = ['an array of ascending numbers from 0 on, not empty', isBuckets]

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
  prefix: [`'' or ${PATH}`, value => value === '' || isPath(value)],
  logLevel: string,
  logSerializers: object
}

/** The labels of `request_duration_seconds` that an application's own must not be. */
const REQUEST_LABELS = ['method', 'path', 'status']

const REQUEST_RULES: Readonly<Record<keyof RequestOptions, Rule>> = {
  buckets,
  labels: [
    `an object of functions under valid label names, not 'le', '__…', ${REQUEST_LABELS.join(', ')}`,
    value => isObject(value) && Object.entries(value).every(([name, label]) =>
      isLabelName(name) && !REQUEST_LABELS.includes(name) && typeof label === 'function')
  ],
  ignore: [
    'a string, a pattern, an array of these, or a function',
    value => typeof value === 'function' || (Array.isArray(value) ? value : [value]).every(rule => typeof rule === 'string' || rule instanceof RegExp)
  ],
  groupStatus: boolean,
  sizes: boolean
}

const RUNTIME_RULES: Readonly<Record<keyof RuntimeMetricsSettings, Rule>> = {
  prefix: string,
  labels,
  gcDurationBuckets: buckets,
  eventLoopMonitoringPrecision: ['a whole number of milliseconds of at least 1', value => Number.isSafeInteger(value) && Number(value) >= 1]
}

/**
 * Checks options as they are given, those within options too.
 * @throws DYNOAI_METRICS_ERR_OPTION for a wrong value, DYNOAI_METRICS_ERR_UNKNOWN_OPTION for an unknown name
 */
export function checkOptions (options: DynoaiMetricsOptions & RegisterOptions): void {
  check(options, RULES)
  const { runtimeMetrics, requests } = options
  if (typeof runtimeMetrics === 'object') check(runtimeMetrics, RUNTIME_RULES, 'runtimeMetrics.')
  if (typeof requests === 'object') check(requests, REQUEST_RULES, 'requests.')
}

/** Throws for a name that `rules` do not have and for a value that its rule does not accept; `undefined` is left out. */
function check (options: object, rules: Readonly<Record<string, Rule>>, parent = ''): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) {
      throw new errors.ERR_UNKNOWN_OPTION(parent + name, Object.keys(rules).join(', '), received(value))
    }
    if (value !== undefined && !rule[1](value)) throw new errors.ERR_OPTION(parent + name, rule[0], received(value))
  }
}

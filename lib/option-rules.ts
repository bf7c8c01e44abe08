import type { LogLevel } from 'fastify'
import { checkEndpoint, ENDPOINT_LEVELS } from './endpoint-rules.js'
import { isObject } from './is-object.js'
import { isLabelName, isMetricName } from './names.js'
import { UNMATCHED } from './requests/labels.js'
import { boolean, buckets, check, falseOrObject, hinted, labels, namesOf, object, path, PATH, isPath, secret, string, whole } from './rules.js'
import type { Level, Rules } from './rules.js'
import type { DynoaiMetricsOptions, RequestOptions, RuntimeMetricsSettings } from './types.js'

/** Fastify's own register options, which reach a plugin among its options. */
export interface RegisterOptions {
  readonly prefix?: string
  readonly logLevel?: LogLevel
  readonly logSerializers?: Record<string, (value: unknown) => unknown>
}

const REGISTRY_METHODS = ['metrics', 'getMetricsAsArray', 'getSingleMetric', 'registerMetric', 'setDefaultLabels']

const RULES: Rules<keyof DynoaiMetricsOptions | keyof RegisterOptions> = {
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
  maxSeries: whole(1),
  requests: falseOrObject,
  uploads: boolean,
  endpoint: secret(hinted(falseOrObject, "its URL path is the option 'path', its port 'endpoint.listen.port'")),
  prefix: [`'' or ${PATH}`, value => value === '' || isPath(value)],
  logLevel: string,
  logSerializers: object
}

/** The labels of `request_duration_seconds` that an application's own must not be. */
const REQUEST_LABELS = ['method', 'path', 'status']

// Any other string is the template of no route: Fastify has each begin with one of the two.
function isTemplateOrPattern (value: unknown): boolean {
  return typeof value === 'string' ? /^[/*]/.test(value) || value === UNMATCHED : value instanceof RegExp
}

const REQUEST_RULES: Rules<keyof RequestOptions> = {
  buckets,
  labels: [
    `an object of functions under valid label names, not 'le', '__…', ${REQUEST_LABELS.join(', ')}`,
    value => isObject(value) && Object.entries(value).every(([name, label]) =>
      isLabelName(name) && !REQUEST_LABELS.includes(name) && typeof label === 'function')
  ],
  ignore: [
    `a template that begins with '/' or '*', '${UNMATCHED}', a pattern, an array of these, or a function`,
    value => typeof value === 'function' || (Array.isArray(value) ? value : [value]).every(isTemplateOrPattern)
  ],
  groupStatus: boolean,
  sizes: boolean
}

const RUNTIME_RULES: Rules<keyof RuntimeMetricsSettings> = {
  prefix: string,
  labels,
  gcDurationBuckets: buckets,
  eventLoopMonitoringPrecision: whole(1, Number.MAX_SAFE_INTEGER, 'milliseconds')
}

const PLUGIN: Level = { parent: '', rules: RULES }
const REQUESTS: Level = { parent: 'requests.', rules: REQUEST_RULES }
const RUNTIME: Level = { parent: 'runtimeMetrics.', rules: RUNTIME_RULES }

const NAMES = namesOf([PLUGIN, REQUESTS, ...ENDPOINT_LEVELS, RUNTIME])

/**
 * Checks options as they are given, those within options too.
 * @throws DYNOAI_METRICS_ERR_OPTION for a wrong value, DYNOAI_METRICS_ERR_UNKNOWN_OPTION for an unknown name
 */
export function checkOptions (options: DynoaiMetricsOptions & RegisterOptions): void {
  check(options, PLUGIN, NAMES)
  const { runtimeMetrics, requests, endpoint } = options
  if (typeof runtimeMetrics === 'object') check(runtimeMetrics, RUNTIME, NAMES)
  if (typeof requests === 'object') check(requests, REQUESTS, NAMES)
  if (typeof endpoint === 'object') checkEndpoint(endpoint, NAMES)
}

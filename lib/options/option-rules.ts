import type { LogLevel } from 'fastify'
import type { DynoaiMetricsOptions, RequestOptions, RuntimeMetricsSettings } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { isLabelName, isMetricName } from '../util/names.js'
import { BASIC_AUTH_RULES, CREDENTIALS, ENDPOINT_RULES, LISTEN_RULES, SHARED_ROUTE_OPTIONS } from './endpoint-rules.js'
import { checkHttps } from './https-rule.js'
import { OptionChecker } from './option-checker.js'
import { PROCESSES, PROCESSES_RULES } from './processes-option.js'
import {
  boolean, buckets, falseOrOptions, integer, isPath, labels, object, path, PATH, secret, string, withHint
} from './rules.js'
import type { Rules } from './rules.js'
import { UNMATCHED } from './unmatched.js'

/** Fastify's options of `register`, which Fastify passes to a plugin with the plugin's options. */
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
    value => isObject(value) && typeof value['contentType'] === 'string' &&
      REGISTRY_METHODS.every(name => typeof value[name] === 'function')
  ],
  defaultLabels: labels,
  runtimeMetrics: [
    "true, false or an object of prom-client's settings",
    value => typeof value === 'boolean' || isObject(value),
    'options'
  ],
  dynoai: boolean,
  metrics: ['an object of metric definitions', isObject, 'options'],
  maxSeries: integer(1),
  requests: falseOrOptions,
  uploads: boolean,
  endpoint: secret(withHint(falseOrOptions, "its URL path is the option 'path', its port 'endpoint.listen.port'")),
  processes: PROCESSES,
  prefix: [`'' or ${PATH}`, value => value === '' || isPath(value)],
  logLevel: string,
  logSerializers: object
}

/** The labels of `request_duration_seconds`, whose names application labels must not have. */
const REQUEST_LABELS = ['method', 'path', 'status']

// No other string matches a route: Fastify requires a template to begin with '/' or '*'.
function isTemplateOrPattern (value: unknown): boolean {
  return typeof value === 'string' ? /^[/*]/.test(value) || value === UNMATCHED : value instanceof RegExp
}

const REQUEST_RULES: Rules<keyof RequestOptions> = {
  buckets,
  labels: [
    `an object of functions under valid label names, not 'le', '__…', ${REQUEST_LABELS.join(', ')}`,
    value => isObject(value) && Object.entries(value).every(([name, label]) =>
      isLabelName(name) && !REQUEST_LABELS.includes(name) && typeof label === 'function'),
    'labels'
  ],
  ignore: [
    `a template that begins with '/' or '*', '${UNMATCHED}', a pattern, an array of these, or a function`,
    value => typeof value === 'function' || (Array.isArray(value) ? value : [value]).every(isTemplateOrPattern)
  ],
  skip: ['a function', value => typeof value === 'function'],
  groupStatus: boolean,
  sizes: boolean
}

const RUNTIME_RULES: Rules<keyof RuntimeMetricsSettings> = {
  prefix: string,
  labels,
  gcDurationBuckets: buckets,
  eventLoopMonitoringPrecision: integer(1, Number.MAX_SAFE_INTEGER, 'milliseconds')
}

const checker = new OptionChecker([
  ['', RULES],
  ['requests.', REQUEST_RULES],
  ['runtimeMetrics.', RUNTIME_RULES],
  ['endpoint.', ENDPOINT_RULES],
  ['endpoint.basicAuth.', BASIC_AUTH_RULES],
  ['endpoint.listen.', LISTEN_RULES],
  ['processes.', PROCESSES_RULES]
], CREDENTIALS)

/**
 * Reads all options, each once, and checks them, including options within options.
 * @throws DYNOAI_METRICS_ERR_OPTION for a wrong value, DYNOAI_METRICS_ERR_UNKNOWN_OPTION for an unknown name
 */
export function checkOptions (options: object): DynoaiMetricsOptions & RegisterOptions {
  const checked = checker.check(options)
  for (const name of ['runtimeMetrics', 'requests', 'processes'] as const) {
    if (isObject(checked[name])) checked[name] = checker.check(checked[name], `${name}.`)
  }
  if (isObject(checked['endpoint'])) checked['endpoint'] = checkEndpoint(checked['endpoint'])
  return checked
}

function checkEndpoint (options: object): Record<string, unknown> {
  const checked = checker.check(options, 'endpoint.')
  const { basicAuth, listen, routeOptions } = checked
  if (isObject(basicAuth)) {
    // Both are required. A missing one becomes `null`, which no rule accepts; `undefined` would count as left out.
    const { username = null, password = null } = basicAuth
    checked['basicAuth'] = checker.check({ ...basicAuth, username, password }, 'endpoint.basicAuth.')
  }
  if (isObject(listen)) checked['listen'] = checkListen(listen)
  if (isObject(routeOptions)) checker.rejectPluginOptions(routeOptions, 'endpoint.routeOptions.', SHARED_ROUTE_OPTIONS)
  return checked
}

function checkListen (options: object): Record<string, unknown> {
  const checked = checker.check(options, 'endpoint.listen.')
  if (isObject(checked['https'])) checkHttps(checked['https'])
  return checked
}

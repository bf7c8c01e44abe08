import { ANALYSIS_SOURCES, isAnalysisLabels } from '../business/tracking.js'
import { errors, received } from '../errors.js'
import { isObject } from '../is-object.js'
import type { RouteMetricsConfig } from '../types.js'

/**
 * `config.metrics` of a route, checked; `labels` are the names that the option `requests.labels` declares.
 * @throws DYNOAI_METRICS_ERR_ROUTE_CONFIG
 */
export function readRouteConfig (url: string, config: unknown, labels: readonly string[]): false | RouteMetricsConfig {
  if (config === undefined) return {}
  if (config === false) return false
  const reject = (expected: string, value: unknown) => new errors.ERR_ROUTE_CONFIG(url, expected, received(value))

  if (!isObject(config)) throw reject('false or an object', config)
  const unknown = Object.keys(config).find(name => !['analysis', 'path', 'labels'].includes(name))
  if (unknown !== undefined) throw reject("an object with no more than 'analysis', 'path' and 'labels'", unknown)

  if (config['analysis'] !== undefined && !isAnalysisLabels(config['analysis'])) {
    throw reject(`an object whose 'analysis' is an object with no more than a 'source' of ${ANALYSIS_SOURCES.join(', ')}`, config['analysis'])
  }
  if (config['path'] !== undefined && (typeof config['path'] !== 'string' || config['path'] === '')) throw reject("an object whose 'path' is a string that is not empty", config['path'])
  checkLabels(config['labels'], labels, reject)
  return config
}

function checkLabels (values: unknown, names: readonly string[], reject: (expected: string, value: unknown) => Error): void {
  if (values === undefined) return
  if (!isObject(values)) throw reject("an object whose 'labels' is an object", values)
  for (const [name, value] of Object.entries(values)) {
    if (!names.includes(name)) throw reject(`an object whose 'labels' are among those of requests.labels (${names.join(', ') || 'none'})`, name)
    if (typeof value !== 'string') throw reject(`an object whose label '${name}' is a string`, value)
  }
}

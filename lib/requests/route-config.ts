import { ANALYSIS_SOURCES, isAnalysisLabels } from '../business/tracking.js'
import { errors, received } from '../errors.js'
import { isObject } from '../is-object.js'
import type { RouteMetricsConfig } from '../types.js'

/**
 * `config.metrics` of a route, checked.
 * @throws DYNOAI_METRICS_ERR_ROUTE_CONFIG
 */
export function readRouteConfig (url: string, config: unknown): false | RouteMetricsConfig {
  if (config === undefined) return {}
  if (config === false) return false
  if (!isObject(config)) throw new errors.ERR_ROUTE_CONFIG(url, 'false or an object', received(config))
  const unknown = Object.keys(config).find(name => name !== 'analysis')
  if (unknown !== undefined) throw new errors.ERR_ROUTE_CONFIG(url, "an object with no more than 'analysis'", unknown)
  if (config['analysis'] !== undefined && !isAnalysisLabels(config['analysis'])) {
    const expected = `an object whose 'analysis' is an object with no more than a 'source' of ${ANALYSIS_SOURCES.join(', ')}`
    throw new errors.ERR_ROUTE_CONFIG(url, expected, received(config['analysis']))
  }
  return config
}

import { errors, received } from '../errors.js'
import type { RouteMetricsConfig } from '../types.js'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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
  const { analysis } = config
  if (analysis !== undefined && !isObject(analysis)) throw new errors.ERR_ROUTE_CONFIG(url, "an object whose 'analysis' is an object", received(analysis))
  return config
}

import { errors, received } from '../errors.js'
import { fitsLabel, MAX_LABEL_LENGTH } from '../series/label-value.js'
import type { RouteMetricsConfig } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { readProperties } from '../util/read-properties.js'
import { didYouMean } from '../util/suggest.js'
import type { AnalysisObserver } from './observer.js'
import type { Reject } from '../util/reject.js'

/** What `config.metrics` may have. */
const NAMES = ['analysis', 'path', 'labels', 'until']

/** What a route's configuration is checked by. */
export interface RouteRules {
  /** The names of the labels that the option `requests.labels` declares. */
  readonly labels: readonly string[]
  readonly analyses: Pick<AnalysisObserver, 'expected' | 'isLabels'>
}

type UncheckedConfig = Readonly<Record<string, unknown>>

/**
 * A copy of `config.metrics` of a route, checked.
 * @throws DYNOAI_METRICS_ERR_ROUTE_CONFIG
 */
export function readRouteConfig (url: string, config: unknown, { labels, analyses }: RouteRules): false | RouteMetricsConfig {
  if (config === undefined) return {}
  if (config === false) return false
  const reject: Reject = (expected, value) => new errors.ERR_ROUTE_CONFIG(url, expected, received(value))

  if (!isObject(config)) throw reject('false or an object', config)
  const given = readProperties(config)
  const unknown = Object.keys(given).find(name => !NAMES.includes(name))
  if (unknown !== undefined) throw reject(`an object with no more than 'analysis', 'path', 'labels' and 'until'${didYouMean(unknown, NAMES)}`, unknown)
  return { ...readAnalysis(given, analyses, reject), ...readPath(given, reject), ...readRouteLabels(given, labels, reject), ...readUntil(given, reject) }
}

function readAnalysis ({ analysis }: UncheckedConfig, { expected, isLabels }: RouteRules['analyses'], reject: Reject): Pick<RouteMetricsConfig, 'analysis'> {
  if (analysis === undefined) return {}
  const read = isObject(analysis) ? { ...readProperties(analysis) } : analysis
  if (isLabels(read)) return { analysis: read }
  throw reject(`an object whose 'analysis' is ${expected}`, analysis)
}

function readPath ({ path }: UncheckedConfig, reject: Reject): Pick<RouteMetricsConfig, 'path'> {
  if (path === undefined) return {}
  if (typeof path === 'string' && path !== '' && fitsLabel(path)) return { path }
  throw reject(`an object whose 'path' is a string that is not empty, of at most ${MAX_LABEL_LENGTH} characters`, path)
}

function readRouteLabels (
  { labels }: UncheckedConfig, names: readonly string[], reject: Reject
): Pick<RouteMetricsConfig, 'labels'> {
  if (labels === undefined) return {}
  if (!isObject(labels)) throw reject("an object whose 'labels' is an object", labels)
  const read = Object.entries(readProperties(labels)).map(([name, value]) => {
    if (!names.includes(name)) throw reject(`an object whose 'labels' are among those of requests.labels (${names.join(', ') || 'none'})`, name)
    if (typeof value !== 'string' || !fitsLabel(value)) {
      throw reject(`an object whose label '${name}' is a string of at most ${MAX_LABEL_LENGTH} characters`, value)
    }
    return [name, value.toWellFormed()] as const
  })
  return { labels: Object.fromEntries(read) }
}

function readUntil ({ until, analysis }: Readonly<Record<string, unknown>>, reject: Reject): Pick<RouteMetricsConfig, 'until'> {
  if (until === undefined) return {}
  if (until !== 'headers') throw reject("an object whose 'until' is 'headers'", until)
  // An analysis has not ended when the head of its response is written.
  if (analysis !== undefined) throw reject("an object with 'analysis' or with 'until', not with both", analysis)
  return { until }
}

import { errors, received } from '../errors.js'
import { fitsLabel, MAX_LABEL_LENGTH } from '../series/label-value.js'
import type { RouteMetricsConfig } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { readProperties } from '../util/read-properties.js'
import type { Reject } from '../util/reject.js'
import { didYouMean } from '../util/suggest.js'
import type { AnalysisObserver } from './observer.js'

/** The properties of `config.metrics`. */
const NAMES = ['analysis', 'path', 'labels', 'until']

/** What `config.metrics` of a route is checked against. */
export interface RouteRules {
  /** The names of the application labels, from the option `requests.labels`. */
  readonly labels: readonly string[]
  readonly analyses: Pick<AnalysisObserver, 'expected' | 'isLabels'>
}

type UncheckedConfig = Readonly<Record<string, unknown>>

/**
 * Checks `config.metrics` of a route and returns a copy.
 * @throws DYNOAI_METRICS_ERR_ROUTE_CONFIG
 */
export function readRouteConfig (
  url: string, config: unknown, { labels, analyses }: RouteRules
): false | RouteMetricsConfig {
  if (config === undefined) return {}
  if (config === false) return false
  const reject: Reject = (expected, value) => new errors.ERR_ROUTE_CONFIG(url, expected, received(value))

  if (!isObject(config)) throw reject('false or an object', config)
  const unchecked = readProperties(config)
  const unknownName = Object.keys(unchecked).find(name => !NAMES.includes(name))
  if (unknownName !== undefined) {
    const hint = didYouMean(unknownName, NAMES)
    throw reject(`an object with no more than 'analysis', 'path', 'labels' and 'until'${hint}`, unknownName)
  }
  return {
    ...readAnalysis(unchecked, analyses, reject),
    ...readPath(unchecked, reject),
    ...readRouteLabels(unchecked, labels, reject),
    ...readUntil(unchecked, reject)
  }
}

function readAnalysis (
  { analysis }: UncheckedConfig, { expected, isLabels }: RouteRules['analyses'], reject: Reject
): Pick<RouteMetricsConfig, 'analysis'> {
  if (analysis === undefined) return {}
  const labels = isObject(analysis) ? { ...readProperties(analysis) } : analysis
  if (isLabels(labels)) return { analysis: labels }
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
  const entries = Object.entries(readProperties(labels)).map(([name, value]) => {
    if (!names.includes(name)) {
      throw reject(`an object whose 'labels' are among those of requests.labels (${names.join(', ') || 'none'})`, name)
    }
    if (typeof value !== 'string' || !fitsLabel(value)) {
      throw reject(`an object whose label '${name}' is a string of at most ${MAX_LABEL_LENGTH} characters`, value)
    }
    return [name, value.toWellFormed()] as const
  })
  return { labels: Object.fromEntries(entries) }
}

function readUntil ({ until, analysis }: UncheckedConfig, reject: Reject): Pick<RouteMetricsConfig, 'until'> {
  if (until === undefined) return {}
  if (until !== 'headers') throw reject("an object whose 'until' is 'headers'", until)
  // An analysis is still running when the head of its response is written.
  if (analysis !== undefined) throw reject("an object with 'analysis' or with 'until', not with both", analysis)
  return { until }
}

import { Business } from '../business/business.js'
import type { Handles } from '../business/business.js'
import { resolveDefinitions } from '../business/resolve-definition.js'
import { errors, received } from '../errors.js'
import type { ResolvedOptions } from '../options/options.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import type { AnalysisObserver } from '../requests/observer.js'
import type { BusinessMetrics, FastifyMetrics, MetricDefinitions } from '../types/index.js'
import { dynoaiDefinitions } from './definitions.js'
import { selectMetrics, uploadObserver } from './select-metrics.js'
import type { ObserveUpload } from './select-metrics.js'
import { analysisObserver, analysisTimer } from './tracking.js'

/** The business metrics of an instance: those of DynoAI and of the application. */
export interface InstanceMetrics {
  readonly handles: BusinessMetrics
  /** The metrics to add to the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly analyses: AnalysisObserver
  readonly timeAnalysis: FastifyMetrics['timeAnalysis']
  /** `null` if uploads are not measured. */
  readonly observeUpload: ObserveUpload | null
  /** Declares more business metrics; `join` adds them to the registry. */
  define (definitions: MetricDefinitions, join: Join): Handles
}

type Join = (metrics: readonly NamedMetric[]) => void

/**
 * Creates the business metrics that the options select. The other DynoAI metrics keep their handles, whose methods then
 * do nothing: a handler that calls one must not fail because an option has switched it off.
 * @throws DYNOAI_METRICS_ERR_DEFINITION
 */
export function createInstanceMetrics (options: ResolvedOptions, metricErrors: MetricErrors): InstanceMetrics {
  const { enabled, dynoai, namePrefix, maxSeries } = options
  if (dynoai) rejectDynoaiKeys(Object.keys(options.metrics))

  const applicationMetrics = resolveDefinitions(options.metrics, namePrefix, maxSeries)
  const dynoaiMetrics = resolveDefinitions(dynoaiDefinitions, namePrefix, dynoai ? maxSeries : Infinity)
  const selected = selectMetrics(options, dynoaiMetrics, applicationMetrics)
  const business = new Business({ enabled, maxSeries, metricErrors })
  const metrics: NamedMetric[] = []
  const handlesOfSelected = business.define([...selected, ...applicationMetrics], added => { metrics.push(...added) })
  const disabled = new Business({ enabled: false, maxSeries, metricErrors })
  const notSelected = dynoaiMetrics.filter(definition => !selected.includes(definition))
  const handles = { ...disabled.define(notSelected, () => {}), ...handlesOfSelected } as unknown as BusinessMetrics

  const analyses = analysisObserver(enabled && dynoai ? handles : null, namePrefix)
  return {
    handles,
    metrics: [...metrics, ...analyses.metrics],
    analyses,
    timeAnalysis: analysisTimer(analyses),
    observeUpload: uploadObserver(options, selected, handles),
    define: (definitions, join) => business.define(resolveDefinitions(definitions, namePrefix, maxSeries), join)
  }
}

function rejectDynoaiKeys (keys: readonly string[]): void {
  const key = keys.find(key => Object.hasOwn(dynoaiDefinitions, key))
  if (key === undefined) return
  const problem = "has the property of a DynoAI metric; give it another key, or set the option 'dynoai' to false"
  throw new errors.ERR_DEFINITION(`The metric '${key}'`, problem, received(key))
}

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

/** The business metrics of an instance: DynoAI's and the application's own. */
export interface InstanceMetrics {
  readonly handles: BusinessMetrics
  /** For the registry. */
  readonly metrics: readonly NamedMetric[]
  readonly analyses: AnalysisObserver
  readonly timeAnalysis: FastifyMetrics['timeAnalysis']
  /** `null` where uploads are not measured. */
  readonly observeUpload: ObserveUpload | null
  /** Declares more; `join` puts their metrics into the registry. */
  define (definitions: MetricDefinitions, join: Join): Handles
}

type Join = (metrics: readonly NamedMetric[]) => void

/**
 * Makes the business metrics that the options ask for. What they leave out keeps its handles, which then do nothing:
 * a handler that calls one must not fail for how the application is set up.
 * @throws DYNOAI_METRICS_ERR_DEFINITION
 */
export function createInstanceMetrics (options: ResolvedOptions, metricErrors: MetricErrors): InstanceMetrics {
  const { enabled, dynoai, namePrefix, maxSeries } = options
  const taken = Object.keys(options.metrics).find(key => dynoai && Object.hasOwn(dynoaiDefinitions, key))
  if (taken !== undefined) throw new errors.ERR_DEFINITION(taken, "has the property of a DynoAI metric; give it another key, or set the option 'dynoai' to false", received(taken))

  const own = resolveDefinitions(options.metrics, namePrefix, maxSeries)
  const dynoaiMetrics = resolveDefinitions(dynoaiDefinitions, namePrefix, dynoai ? maxSeries : Infinity)
  const selected = selectMetrics(options, dynoaiMetrics, own)
  const business = new Business({ enabled, maxSeries, metricErrors })
  const metrics: NamedMetric[] = []
  const defined = business.define([...selected, ...own], added => { metrics.push(...added) })
  // The handles of DynoAI's metrics stay without them.
  const idle = new Business({ enabled: false, maxSeries, metricErrors })
  const rest = dynoaiMetrics.filter(definition => !selected.includes(definition))
  const handles = { ...idle.define(rest, () => {}), ...defined } as unknown as BusinessMetrics

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

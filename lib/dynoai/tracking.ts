import { copyLabels, InvalidCall, readRun } from '../business/calls.js'
import { run } from '../business/run.js'
import type { Outcome } from '../business/run.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import { progressGauge } from '../registry/progress-gauge.js'
import type { AnalysisObserver } from '../requests/observer.js'
import type { AnalysisLabels, FastifyMetrics } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { dynoaiDefinitions } from './definitions.js'

/** Counts an analysis that ended. It never throws, even if the labels are wrong. */
type RecordAnalysis = (labels: unknown, status: Outcome, seconds: number) => void

/** Tracks analyses: those of routes, and those of `timeAnalysis`. */
export interface AnalysisTracking extends AnalysisObserver {
  readonly record: RecordAnalysis
  /** The metrics of the tracking itself, to add to the registry. */
  readonly metrics: readonly NamedMetric[]
}

/** The listed values of the label `source`. */
const SOURCES: readonly unknown[] = dynoaiDefinitions.analysisTotal.labels.source

/** Whether a value is an object with no other property than a listed `source`. */
function isAnalysisLabels (value: unknown): value is AnalysisLabels {
  return isObject(value) && Object.entries(value).every(([name, source]) =>
    name === 'source' && (source === undefined || SOURCES.includes(source)))
}

type AnalysisMetrics = Pick<FastifyMetrics, 'analysisTotal' | 'analysisDurationSeconds'>

/**
 * Counts each analysis once in `analysis_total` and once in `analysis_duration_seconds`, and keeps `active_analyses`.
 * If `metrics` is `null`, it records nothing and has no metrics.
 */
export function analysisObserver (metrics: AnalysisMetrics | null, namePrefix: string): AnalysisTracking {
  const active = progressGauge(`${namePrefix}active_analyses`, 'Analyses of dyno logs that run now')
  return {
    expected: `an object with no more than a 'source' of ${SOURCES.join(', ')}`,
    isLabels: isAnalysisLabels,
    begin: () => { active.count[0]! += 1 }, // it has one number, as below
    end: () => { active.count[0]! -= 1 },
    record: metrics === null ? () => {} : recorder(metrics),
    metrics: metrics === null ? [] : [active.metric]
  }
}

function recorder ({ analysisTotal, analysisDurationSeconds }: AnalysisMetrics): RecordAnalysis {
  return (unchecked, status, seconds) => {
    const checked = readAnalysisLabels(unchecked)
    if (checked instanceof InvalidCall) {
      // The counter reports the metric error.
      (analysisTotal.inc as (labels: unknown) => void)(checked)
      return
    }
    const labels = { ...checked, status }
    analysisTotal.inc(labels)
    analysisDurationSeconds.observe(labels, seconds)
  }
}

function readAnalysisLabels (unchecked: unknown): AnalysisLabels | InvalidCall {
  const labels = copyLabels(unchecked)
  if (labels instanceof InvalidCall || isAnalysisLabels(labels)) return labels
  return new InvalidCall(`its one label is 'source', one of ${SOURCES.join(', ')}`, labels)
}

/** Makes `fastify.metrics.timeAnalysis`. An analysis ends when `fn` ends, even after the end of its request. */
export function analysisTimer (
  analyses: Pick<AnalysisTracking, 'begin' | 'end' | 'record'>
): FastifyMetrics['timeAnalysis'] {
  return <T>(...args: readonly unknown[]): T => {
    const [labels, fn] = readRun(args)
    analyses.begin()
    const start = performance.now()
    return run(fn as () => T, outcome => {
      analyses.end()
      analyses.record(labels, outcome, (performance.now() - start) / 1000)
    })
  }
}

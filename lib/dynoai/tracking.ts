import { copyLabels, readRun, InvalidCall } from '../business/calls.js'
import { run } from '../business/run.js'
import type { Outcome } from '../business/run.js'
import { registryMetric } from '../registry/plugin-metric.js'
import type { NamedMetric } from '../registry/plugin-metric.js'
import type { AnalysisObserver } from '../requests/observer.js'
import type { AnalysisLabels, FastifyMetrics } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { dynoaiDefinitions } from './definitions.js'

/** Counts an analysis that ended; it never throws, whatever its labels are. */
export type RecordAnalysis = (labels: unknown, status: Outcome, seconds: number) => void

/** What hears of analyses, those of routes and those that are timed. */
export interface AnalysisTracking extends AnalysisObserver {
  readonly record: RecordAnalysis
  /** What it keeps by itself, for the registry. */
  readonly metrics: readonly NamedMetric[]
}

/** Where an analysis may come from. */
const SOURCES: readonly unknown[] = dynoaiDefinitions.analysisTotal.labels.source

/** Whether a value says of an analysis no more than a `source` that is listed. */
function isAnalysisLabels (value: unknown): value is AnalysisLabels {
  return isObject(value) && Object.entries(value).every(([name, source]) =>
    name === 'source' && (source === undefined || SOURCES.includes(source)))
}

type AnalysisMetrics = Pick<FastifyMetrics, 'analysisTotal' | 'analysisDurationSeconds'>

/**
 * Counts each analysis once in `analysis_total` and once in `analysis_duration_seconds`, and keeps `active_analyses`; with `null`
 * in place of the metrics there is none of them.
 */
export function analysisObserver (metrics: AnalysisMetrics | null, namePrefix: string): AnalysisTracking {
  let active = 0
  return {
    expected: `an object with no more than a 'source' of ${SOURCES.join(', ')}`,
    isLabels: isAnalysisLabels,
    begin: () => { active++ },
    end: () => { active-- },
    record: metrics === null ? () => {} : recorder(metrics),
    metrics: metrics === null ? [] : [activeAnalyses(namePrefix, () => active)]
  }
}

function activeAnalyses (namePrefix: string, count: () => number): NamedMetric {
  return registryMetric({
    name: `${namePrefix}active_analyses`,
    help: 'Analyses of dyno logs that run now',
    type: 'gauge',
    labelNames: [],
    // A reset leaves it as it is: analyses that run then still count it down.
    values: () => [{ labels: {}, value: count() }]
  })
}

function recorder ({ analysisTotal, analysisDurationSeconds }: AnalysisMetrics): RecordAnalysis {
  return (given, status, seconds) => {
    const read = readAnalysisLabels(given)
    if (read instanceof InvalidCall) {
      // The counter reports it.
      (analysisTotal.inc as (labels: unknown) => void)(read)
      return
    }
    const labels = { ...read, status }
    analysisTotal.inc(labels)
    analysisDurationSeconds.observe(labels, seconds)
  }
}

function readAnalysisLabels (given: unknown): AnalysisLabels | InvalidCall {
  const labels = copyLabels(given)
  if (labels instanceof InvalidCall || isAnalysisLabels(labels)) return labels
  return new InvalidCall(`its one label is 'source', one of ${SOURCES.join(', ')}`, labels)
}

/** `fastify.metrics.timeAnalysis`: the analysis is `fn`, however long it outlives its request. */
export function analysisTimer (analyses: Pick<AnalysisTracking, 'begin' | 'end' | 'record'>): FastifyMetrics['timeAnalysis'] {
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

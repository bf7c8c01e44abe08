import { isObject } from '../util/is-object.js'
import type { AnalysisObserver } from '../requests/observer.js'
import type { AnalysisLabels, FastifyMetrics } from '../types/index.js'
import { dynoaiDefinitions } from './definitions.js'
import { readLabels, readRun, WrongCall } from '../business/calls.js'
import { run } from '../business/run.js'

/** Counts an analysis that ended; it never throws, whatever its labels are. */
export type RecordAnalysis = (labels: unknown, failed: boolean, seconds: number) => void

/** Where an analysis may come from. */
const SOURCES: readonly unknown[] = dynoaiDefinitions.analysisTotal.labels.source

/** Whether a value says of an analysis no more than a `source` that is listed. */
function isAnalysisLabels (value: unknown): value is AnalysisLabels {
  return isObject(value) && Object.entries(value).every(([name, source]) =>
    name === 'source' && (source === undefined || SOURCES.includes(source)))
}

type AnalysisMetrics = Pick<FastifyMetrics, 'analysisTotal' | 'analysisDurationSeconds'>

/**
 * Counts each analysis once in `analysis_total` and once in `analysis_duration_seconds`; with `null` in place of the metrics,
 * nowhere.
 */
export function analysisObserver (metrics: AnalysisMetrics | null): AnalysisObserver & { readonly record: RecordAnalysis } {
  return {
    expected: `an object with no more than a 'source' of ${SOURCES.join(', ')}`,
    isLabels: isAnalysisLabels,
    record: metrics === null ? () => {} : recorder(metrics)
  }
}

function recorder ({ analysisTotal, analysisDurationSeconds }: AnalysisMetrics): RecordAnalysis {
  return (given, failed, seconds) => {
    const read = readAnalysisLabels(given)
    if (read instanceof WrongCall) {
      // The counter reports it.
      (analysisTotal.inc as (labels: unknown) => void)(read)
      return
    }
    const labels = { ...read, status: failed ? 'error' : 'success' } as const
    analysisTotal.inc(labels)
    analysisDurationSeconds.observe(labels, seconds)
  }
}

function readAnalysisLabels (given: unknown): AnalysisLabels | WrongCall {
  const labels = readLabels(given)
  if (labels instanceof WrongCall || isAnalysisLabels(labels)) return labels
  return new WrongCall(`its one label is 'source', one of ${SOURCES.join(', ')}`, labels)
}

/** `fastify.metrics.timeAnalysis`: the analysis is `fn`, however long it outlives its request. */
export function analysisTimer (record: RecordAnalysis): FastifyMetrics['timeAnalysis'] {
  return <T>(...args: readonly unknown[]): T => {
    const [labels, fn] = readRun(args)
    const start = performance.now()
    return run(fn as () => T, failed => record(labels, failed, (performance.now() - start) / 1000))
  }
}

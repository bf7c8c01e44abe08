import { isObject } from '../is-object.js'
import type { AnalysisLabels, FastifyMetrics } from '../types.js'
import { dynoaiDefinitions } from './definitions.js'
import { readCall } from './handles.js'
import type { GivenLabels } from './handles.js'
import { run } from './run.js'

/** Counts an analysis that ended. */
export type RecordAnalysis = (labels: AnalysisLabels | GivenLabels | undefined, failed: boolean, seconds: number) => void

/** Where an analysis may come from. */
export const ANALYSIS_SOURCES: readonly unknown[] = dynoaiDefinitions.analysisTotal.labels.source

/** Whether a value says of an analysis no more than a `source` that is listed. */
export function isAnalysisLabels (value: unknown): value is AnalysisLabels {
  return isObject(value) && Object.entries(value).every(([name, source]) =>
    name === 'source' && (source === undefined || ANALYSIS_SOURCES.includes(source)))
}

/** Counts an analysis once in `analysis_total` and once in `analysis_duration_seconds`. */
export function analysisRecorder (
  { analysisTotal, analysisDurationSeconds }: Pick<FastifyMetrics, 'analysisTotal' | 'analysisDurationSeconds'>
): RecordAnalysis {
  return (labels, failed, seconds) => {
    const status = failed ? 'error' : 'success'
    analysisTotal.inc({ ...labels, status })
    // What the counter has refused is not half recorded.
    if (isAnalysisLabels(labels ?? {})) analysisDurationSeconds.observe({ status }, seconds)
  }
}

/** `fastify.metrics.timeAnalysis`: the analysis is `fn`, however long it outlives its request. */
export function analysisTimer (record: RecordAnalysis): FastifyMetrics['timeAnalysis'] {
  return <T>(...args: readonly unknown[]): T => {
    const [labels, fn] = readCall(args)
    const start = performance.now()
    return run(fn as () => T, failed => record(labels, failed, (performance.now() - start) / 1000))
  }
}

import type { FastifyMetrics } from '../types.js'
import { readCall } from './handles.js'
import type { GivenLabels } from './handles.js'
import { run } from './run.js'

/** Counts an analysis that ended. */
export type RecordAnalysis = (labels: GivenLabels | undefined, failed: boolean, seconds: number) => void

/** Counts an analysis once in `analysis_total` and once in `analysis_duration_seconds`. */
export function analysisRecorder (
  { analysisTotal, analysisDurationSeconds }: Pick<FastifyMetrics, 'analysisTotal' | 'analysisDurationSeconds'>
): RecordAnalysis {
  return (labels, failed, seconds) => {
    const status = failed ? 'error' : 'success'
    analysisTotal.inc({ ...labels, status })
    analysisDurationSeconds.observe({ status }, seconds)
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

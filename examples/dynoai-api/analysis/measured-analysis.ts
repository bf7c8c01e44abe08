import type { FastifyInstance } from 'fastify'
import type { AnalyseLog } from '../contracts.js'
import { analyseLog } from './analyse-log.js'

/** Creates the analysis that records metrics. All sources of logs share it, so each analysis is counted once. */
export function createMeasuredAnalysis (metrics: FastifyInstance['metrics']): AnalyseLog {
  return async (log, { source }) => {
    const result = await metrics.timeAnalysis({ source }, () => analyseLog(log))
    metrics.veCorrectionsCount.observe(result.correctionsCount)
    metrics.veCorrectionsMagnitudePercent.observe(result.magnitudePercent)
    return result
  }
}

import type { FastifyInstance } from 'fastify'
import type { AnalyseLog } from '../contracts.js'
import { analyseLog } from './analyse-log.js'

/** The analysis with its metrics: every source of logs goes through here, so each analysis is counted once. */
export function measuredAnalysis (metrics: FastifyInstance['metrics']): AnalyseLog {
  return async (log, { source }) => {
    const result = await metrics.timeAnalysis({ source }, () => analyseLog(log))
    metrics.veCorrectionsCount.observe(result.correctionsCount)
    metrics.veCorrectionsMagnitudePercent.observe(result.magnitudePercent)
    return result
  }
}

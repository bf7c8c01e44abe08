import type { FastifyInstance } from 'fastify'
import type { AnalyseLog, LogSource, RefuseLog } from '../contracts.js'
import type { AnalysisThread } from './analysis-thread.js'
import { refusalReason } from './refusal-reason.js'
import { REFUSALS } from './refusals.js'

/**
 * Creates the analysis that records metrics. All sources of logs share it, so each analysis is counted once, with its
 * inspection. A log that is refused is a failed analysis, whether or not it was read.
 */
export function createMeasuredAnalysis (
  metrics: FastifyInstance['metrics'], thread: Pick<AnalysisThread, 'analyse'>
): { readonly analyse: AnalyseLog, readonly refuse: RefuseLog } {
  const { logRefusalsTotal } = metrics.define(REFUSALS)

  async function measure<T> (source: LogSource, analyse: () => Promise<T>): Promise<T> {
    try {
      return await metrics.timeAnalysis({ source }, analyse)
    } catch (error) {
      logRefusalsTotal.inc({ source, reason: refusalReason(error) })
      throw error
    }
  }

  return {
    async analyse (log, { source, ...events }) {
      const result = await measure(source, () => thread.analyse(log, events))
      metrics.veCorrectionsCount.observe(result.correctionsCount)
      metrics.veCorrectionsMagnitudePercent.observe(result.magnitudePercent)
      return result
    },
    refuse: (error, { source }) => measure(source, () => Promise.reject(error))
  }
}

import type { FastifyInstance } from 'fastify'
import type { AnalyseLog, InspectLog } from '../contracts.js'
import { refusalReason } from '../dyno-log/errors.js'
import type { AnalysisThread } from './analysis-thread.js'
import { REFUSALS } from './refusals.js'

/**
 * Creates the analysis that records metrics. All sources of logs share it, so each analysis is counted once: a log that
 * cannot be analysed is a failed analysis, whether its inspection or its analysis finds that out.
 */
export function createMeasuredAnalysis (
  metrics: FastifyInstance['metrics'], thread: Pick<AnalysisThread, 'inspect' | 'analyse'>
): { readonly analyse: AnalyseLog, readonly inspect: InspectLog } {
  const { logRefusalsTotal } = metrics.define(REFUSALS)

  return {
    async analyse (log, { source, layout, onProgress }) {
      try {
        const result = await metrics.timeAnalysis({ source }, () => thread.analyse(log, layout, onProgress))
        metrics.veCorrectionsCount.observe(result.correctionsCount)
        metrics.veCorrectionsMagnitudePercent.observe(result.magnitudePercent)
        return result
      } catch (error) {
        logRefusalsTotal.inc({ source, reason: refusalReason(error) })
        throw error
      }
    },

    async inspect (log, { source }) {
      const endTimer = metrics.analysisDurationSeconds.startTimer({ source })
      try {
        return await thread.inspect(log)
      } catch (error) {
        // Otherwise the analysis follows, which counts itself.
        endTimer({ status: 'error' })
        metrics.analysisTotal.inc({ status: 'error', source })
        logRefusalsTotal.inc({ source, reason: refusalReason(error) })
        throw error
      }
    }
  }
}

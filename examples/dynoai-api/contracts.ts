import type { AnalysisResult } from './analysis/analyse-log.js'
import type { LogBytes } from './dyno-log/read-rows.js'

export type { AnalysisResult }

/** Where a dyno log came from; a label of `dynoai_analysis_total`. */
export type LogSource = 'upload' | 'jetstream' | 'simulator'

/**
 * Analyses one dyno log, measured: it records the analysis, its duration and its corrections, so a caller records nothing.
 * It rejects with a sentence in `error.message` when the log is bad. Hand over a log that has already arrived (a file, a
 * buffer in an array), or the time on the network counts as analysis.
 */
export type AnalyseLog = (
  log: LogBytes,
  about: { readonly filename: string, readonly source: LogSource }
) => Promise<AnalysisResult>

/** How one component of the service is. */
export interface ComponentHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  /** One sentence for whoever is on call. */
  readonly message: string
}

/** Makes `GET /api/health` ask a component how it is, under its name; an option of the feature plugins. */
export type AddHealthCheck = (component: string, check: () => ComponentHealth) => void

import type { AnalysisResult } from './analysis/analyse-log.js'
import type { LogBytes } from './dyno-log/read-rows.js'

/** The source of a dyno log; a label of `dynoai_analysis_total`. */
export type LogSource = 'upload' | 'jetstream' | 'simulator'

/**
 * Analyses one dyno log and records the analysis, its duration and its corrections, so a caller records nothing.
 * Rejects with a sentence in `error.message` when the log is bad. Pass a log that has already arrived (a file, a buffer
 * in an array): the duration includes the time that is spent on reading the log.
 */
export type AnalyseLog = (
  log: LogBytes,
  about: { readonly filename: string, readonly source: LogSource }
) => Promise<AnalysisResult>

/** The health of one component of the service. */
export interface ComponentHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  /** One sentence for the person on call. */
  readonly message: string
}

/** Adds a component to the report of `GET /api/health`, which calls `check` at every request. */
export type AddHealthCheck = (component: string, check: () => ComponentHealth) => void

/** What every feature plugin needs from the application. */
export interface FeatureOptions {
  readonly analyse: AnalyseLog
  readonly addHealthCheck: AddHealthCheck
}

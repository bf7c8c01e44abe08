import type { AnalysisEvents, AnalysisResult } from './analysis/analyse-log.js'
import type { Log } from './dyno-log/log.js'

/** The sources of dyno logs; a label of `dynoai_analysis_total`. */
export const LOG_SOURCES = ['upload', 'jetstream', 'simulator'] as const

/** A source of dyno logs. */
export type LogSource = typeof LOG_SOURCES[number]

/** What is known of a log for the analysis, and who is told about it. */
export interface AnalysisRequest extends AnalysisEvents {
  readonly source: LogSource
}

/**
 * Analyses one dyno log and records the analysis, its duration and its corrections, so a caller records nothing.
 * Rejects with a sentence in `error.message` when the log is bad. Pass a log that has already arrived: the duration
 * includes the time that is spent on reading the log.
 */
export type AnalyseLog = (log: Log, about: AnalysisRequest) => Promise<AnalysisResult>

/** Records a log that is refused before it is read as a failed analysis, and rejects with the error. */
export type RefuseLog = (error: Error, about: Pick<AnalysisRequest, 'source'>) => Promise<never>

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

import type { AnalysisResult } from './analysis/analyse-log.js'
import type { LogLayout } from './dyno-log/layout.js'
import type { Log } from './dyno-log/log.js'

/** The sources of dyno logs; a label of `dynoai_analysis_total`. */
export const LOG_SOURCES = ['upload', 'jetstream', 'simulator'] as const

/** A source of dyno logs. */
export type LogSource = typeof LOG_SOURCES[number]

/** What is known of a log for the analysis. */
export interface AnalysisRequest {
  readonly filename: string
  readonly source: LogSource
  /** What the inspection of the log found. Without it, the log is inspected first. */
  readonly layout?: LogLayout
  /** Called with the part of the log that was read, from 0 to 1. */
  readonly onProgress?: (progress: number) => void
}

/**
 * Analyses one dyno log and records the analysis, its duration and its corrections, so a caller records nothing.
 * Rejects with a sentence in `error.message` when the log is bad. Pass a log that has already arrived: the duration
 * includes the time that is spent on reading the log.
 */
export type AnalyseLog = (log: Log, about: AnalysisRequest) => Promise<AnalysisResult>

/**
 * Finds out how a log is written. Rejects with a sentence in `error.message` when the log cannot be analysed, and
 * records that as a failed analysis.
 */
export type InspectLog = (log: Log, about: Pick<AnalysisRequest, 'source'>) => Promise<LogLayout>

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

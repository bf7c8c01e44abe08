import type { Log } from '../dyno-log/log.js'
import type { AnalysisResult } from './analyse-log.js'
import type { LogReport } from './log-report.js'

/** What the thread of the analysis is asked: to analyse a log, to answer at once, or to end. */
export type Order = { readonly id: number, readonly log: Log } | 'ping' | 'close'

/** An error of a job. Its class does not survive the way between threads. */
export interface JobError {
  readonly message: string
  readonly code: string | undefined
  readonly statusCode: number | undefined
}

/** What the thread tells about a job: how its log is understood, its progress from 0 to 1, its result or its error. */
export type JobEvent = { readonly id: number } & (
  | { readonly report: LogReport }
  | { readonly progress: number }
  | { readonly result: AnalysisResult }
  | { readonly error: JobError }
)

import type { LogLayout } from '../dyno-log/layout.js'
import type { Log } from '../dyno-log/log.js'
import type { AnalysisResult } from './analyse-log.js'

/** A job for the thread of the analysis: the inspection of a log, or its analysis. */
export interface Job {
  readonly id: number
  readonly task: 'inspect' | 'analyse'
  readonly log: Log
  /** Of a log that was inspected. */
  readonly layout: LogLayout | undefined
}

/** An error of a job. Its class does not survive the way between threads. */
export interface JobError {
  readonly message: string
  readonly code: string | undefined
  readonly statusCode: number | undefined
}

/** What the thread tells about a job: its progress from 0 to 1, then its result or its error. */
export type JobEvent = { readonly id: number } & (
  | { readonly progress: number }
  | { readonly result: LogLayout | AnalysisResult }
  | { readonly error: JobError }
)

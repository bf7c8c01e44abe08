import type { AnalysisResult } from '../analysis/analyse-log.js'
import type { LogReport } from '../analysis/log-report.js'
import { evictOldest } from '../evict-oldest.js'
import { UnknownRunError } from './errors.js'

/** One uploaded log and the progress of its analysis. */
export interface Run {
  readonly runId: string
  readonly filename: string
  status: 'queued' | 'running' | 'completed' | 'error'
  /** In percent. */
  progress: number
  /** One sentence for the user. */
  message: string
  /** How the log was understood, set by its inspection; after the analysis also what happened to its rows. */
  log?: LogReport
  /** Why the analysis failed. */
  error?: string
  /** The result of a completed analysis. */
  result?: AnalysisResult
}

/** Creates a run that waits for its analysis. */
export function createRun (runId: string, filename: string): Run {
  return { runId, filename, status: 'queued', progress: 0, message: 'The log is waiting for its analysis.' }
}

/** Keeps at most `maxRuns` runs in memory; the oldest are evicted. */
export class RunStore {
  readonly #runs = new Map<string, Run>()
  readonly #maxRuns: number

  constructor (maxRuns: number) {
    this.#maxRuns = maxRuns
  }

  /** Adds a run. */
  add (run: Run): void {
    this.#runs.set(run.runId, run)
    evictOldest(this.#runs, this.#maxRuns)
  }

  /** Returns the run; throws for an unknown id. */
  get (runId: string): Run {
    const run = this.#runs.get(runId)
    if (run === undefined) throw new UnknownRunError(runId)
    return run
  }
}

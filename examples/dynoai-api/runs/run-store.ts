import type { AnalysisResult } from '../analysis/analyse-log.js'
import { UnknownRunError } from './errors.js'

/** One uploaded log and how far its analysis is. */
export interface Run {
  readonly runId: string
  readonly filename: string
  status: 'queued' | 'running' | 'completed' | 'error'
  /** In percent. */
  progress: number
  /** One sentence for the user. */
  message: string
  /** Why the analysis failed. */
  error?: string
  /** What the analysis found. */
  result?: AnalysisResult
}

/** Keeps the latest runs in memory; beyond its limit the oldest is forgotten. */
export class RunStore {
  readonly #runs = new Map<string, Run>()
  readonly #limit: number

  constructor (limit: number) {
    this.#limit = limit
  }

  /** Adds a run that waits for its analysis. */
  add (runId: string, filename: string): Run {
    const run: Run = { runId, filename, status: 'queued', progress: 0, message: 'The log waits for its analysis.' }
    this.#runs.set(runId, run)
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= this.#limit) break
      this.#runs.delete(oldest)
    }
    return run
  }

  /** Gives the run, or throws that there is none. */
  get (runId: string): Run {
    const run = this.#runs.get(runId)
    if (run === undefined) throw new UnknownRunError(runId)
    return run
  }
}

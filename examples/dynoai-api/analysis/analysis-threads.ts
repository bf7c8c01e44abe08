import type { Log } from '../dyno-log/log.js'
import type { AnalysisEvents, AnalysisResult } from './analyse-log.js'
import { AnalysisThread, type AnalysisThreadOptions } from './analysis-thread.js'
import { PendingResults } from './pending-results.js'
import { ThreadEndedError } from './thread-ended-error.js'

/**
 * A thread in which all logs are analysed at the same time, and another one for the logs of a thread that has ended
 * unexpectedly. One of these logs may be the cause, so each is analysed once more, alone.
 */
export class AnalysisThreads {
  readonly #shared: AnalysisThread
  readonly #alone: AnalysisThread
  readonly #results = new PendingResults()
  #lastAlone: Promise<unknown> = Promise.resolve()

  constructor (options: AnalysisThreadOptions = {}) {
    this.#shared = new AnalysisThread(options)
    this.#alone = new AnalysisThread(options)
  }

  /** Inspects and analyses a log. */
  analyse (log: Log, events: AnalysisEvents = {}): Promise<AnalysisResult> {
    return this.#results.add(this.#analyse(log, inspectOnce(events)))
  }

  /** Ends the threads after the jobs that they have. */
  async close (): Promise<void> {
    await this.#results.settled()
    await Promise.all([this.#shared.close(), this.#alone.close()])
  }

  async #analyse (log: Log, events: AnalysisEvents): Promise<AnalysisResult> {
    try {
      return await this.#shared.analyse(log, events)
    } catch (error) {
      // A log that was alone is the cause.
      if (!(error instanceof ThreadEndedError) || error.jobs === 1) throw error
    }
    const result = this.#lastAlone.then(() => this.#alone.analyse(log, events))
    this.#lastAlone = result.catch(() => {})
    return result
  }
}

/** The second analysis of a log understands it like the first one. */
function inspectOnce ({ onInspected, onProgress }: AnalysisEvents): AnalysisEvents {
  let isInspected = false
  return {
    onInspected (report) {
      if (!isInspected) onInspected?.(report)
      isInspected = true
    },
    onProgress
  }
}

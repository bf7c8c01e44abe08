import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Log } from '../dyno-log/log.js'
import type { AnalysisEvents, AnalysisResult } from './analyse-log.js'
import { PendingResults } from './pending-results.js'
import type { JobError, JobEvent } from './thread-messages.js'
import { ThreadEndedError } from './thread-ended-error.js'
import { ThreadWatch } from './thread-watch.js'

interface PendingJob extends AnalysisEvents {
  readonly resolve: (result: AnalysisResult) => void
  readonly reject: (error: Error) => void
}

/** Options of the thread. */
export interface AnalysisThreadOptions {
  /** The module that runs in the thread. @default thread.js in this directory */
  readonly module?: URL
  /** A thread that has jobs and does nothing for so long is ended, in milliseconds. @default 30000 */
  readonly maxSilenceMs?: number
  /** The largest heap of the thread: at its end, the service goes on. @default 512 */
  readonly maxHeapMib?: number
}

/** A thread that analyses logs, so that requests do not wait for them. It starts with its first job. */
export class AnalysisThread {
  readonly #options: Required<AnalysisThreadOptions>
  readonly #jobs = new Map<number, PendingJob>()
  readonly #results = new PendingResults()
  #worker: Worker | undefined
  #watch: ThreadWatch | undefined
  #lastId = 0

  constructor (options: AnalysisThreadOptions = {}) {
    const module = new URL('./thread.js', import.meta.url)
    this.#options = { module, maxSilenceMs: 30_000, maxHeapMib: 512, ...options }
  }

  /** Inspects and analyses a log. */
  analyse (log: Log, events: AnalysisEvents = {}): Promise<AnalysisResult> {
    const id = ++this.#lastId
    return this.#results.add(new Promise<AnalysisResult>((resolve, reject) => {
      this.#worker ??= this.#start()
      this.#worker.postMessage({ id, log })
      this.#jobs.set(id, { resolve, reject, ...events })
      this.#worker.ref()
      this.#watch?.start()
    }))
  }

  /** Ends the thread after the jobs that it has. */
  async close (): Promise<void> {
    await this.#results.settled()
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    const ended = once(worker, 'exit')
    worker.postMessage('close')
    await ended
  }

  #start (): Worker {
    const { module, maxSilenceMs, maxHeapMib } = this.#options
    const worker = new Worker(module, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMib } })
    const watch = new ThreadWatch(worker, maxSilenceMs)
    let cause: unknown
    worker.on('message', (event: JobEvent | 'pong') => {
      watch.hear()
      if (event !== 'pong') this.#receive(event)
    })
    // The event `exit` follows.
    worker.on('error', error => { cause = error })
    worker.on('exit', () => {
      watch.stop()
      this.#worker = undefined
      this.#rejectAll(cause ?? watch.error)
    })
    this.#watch = watch
    return worker
  }

  #receive (event: JobEvent): void {
    const job = this.#jobs.get(event.id)! // The thread only tells about jobs that it has.
    if ('report' in event) job.onInspected?.(event.report)
    else if ('progress' in event) job.onProgress?.(event.progress)
    else this.#end(event.id, job, event)
  }

  #end (id: number, job: PendingJob, outcome: { result: AnalysisResult } | { error: JobError }): void {
    this.#jobs.delete(id)
    if (this.#jobs.size === 0) {
      // A thread without a job does not keep the process alive.
      this.#worker?.unref()
      this.#watch?.stop()
    }
    if ('error' in outcome) job.reject(toError(outcome.error))
    else job.resolve(outcome.result)
  }

  /** The thread ended unexpectedly, for example because it was out of memory. The next job starts another one. */
  #rejectAll (cause: unknown): void {
    const error = new ThreadEndedError(this.#jobs.size, { cause })
    for (const { reject } of this.#jobs.values()) reject(error)
    this.#jobs.clear()
  }
}

function toError ({ message, code, statusCode }: JobError): Error {
  return Object.assign(new Error(message), code !== undefined && { code }, statusCode !== undefined && { statusCode })
}

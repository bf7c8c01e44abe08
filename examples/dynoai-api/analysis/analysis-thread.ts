import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LogLayout } from '../dyno-log/layout.js'
import type { Log } from '../dyno-log/log.js'
import type { AnalysisResult } from './analyse-log.js'
import type { Job, JobError, JobEvent } from './thread-messages.js'

interface PendingJob {
  readonly resolve: (result: LogLayout | AnalysisResult) => void
  readonly reject: (error: Error) => void
  readonly onProgress: ((progress: number) => void) | undefined
}

/** A thread that inspects and analyses logs, so that requests do not wait for them. It starts with its first job. */
export class AnalysisThread {
  readonly #jobs = new Map<number, PendingJob>()
  #worker: Worker | undefined
  #lastId = 0

  /** Finds out how a log is written; rejects for a log that cannot be analysed. */
  async inspect (log: Log): Promise<LogLayout> {
    return await this.#run({ task: 'inspect', log, layout: undefined }) as LogLayout
  }

  /** Analyses a log; a log without a layout is inspected first. */
  async analyse (
    log: Log, layout?: LogLayout, onProgress?: (progress: number) => void
  ): Promise<AnalysisResult> {
    return await this.#run({ task: 'analyse', log, layout }, onProgress) as AnalysisResult
  }

  /** Ends the thread after the jobs that it has. */
  async close (): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    while (this.#jobs.size > 0) await once(worker, 'message')
    worker.ref()
    const ended = once(worker, 'exit')
    worker.postMessage('close')
    await ended
  }

  #run (job: Omit<Job, 'id'>, onProgress?: (progress: number) => void): Promise<LogLayout | AnalysisResult> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start()
      this.#worker.ref()
      this.#jobs.set(id, { resolve, reject, onProgress })
      this.#worker.postMessage({ ...job, id })
    })
  }

  #start (): Worker {
    const worker = new Worker(new URL('./thread.js', import.meta.url))
    worker.on('message', (event: JobEvent) => this.#receive(event))
    // The event `exit` follows, with any other end of the thread.
    worker.on('error', () => {})
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      this.#rejectAll()
    })
    return worker
  }

  #receive (event: JobEvent): void {
    const job = this.#jobs.get(event.id)
    if (job === undefined) return
    if ('progress' in event) {
      job.onProgress?.(event.progress)
      return
    }
    this.#jobs.delete(event.id)
    // A thread without a job does not keep the process alive.
    if (this.#jobs.size === 0) this.#worker?.unref()
    if ('error' in event) job.reject(toError(event.error))
    else job.resolve(event.result)
  }

  /** The thread ended unexpectedly, for example because it was out of memory. The next job starts another one. */
  #rejectAll (): void {
    for (const { reject } of this.#jobs.values()) reject(new Error('The thread of the analysis has ended.'))
    this.#jobs.clear()
  }
}

function toError ({ message, code, statusCode }: JobError): Error {
  return Object.assign(new Error(message), code !== undefined && { code }, statusCode !== undefined && { statusCode })
}

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
  readonly #module: URL
  readonly #jobs = new Map<number, PendingJob>()
  readonly #results = new Set<Promise<unknown>>()
  #worker: Worker | undefined
  #lastId = 0

  /** `module` runs in the thread. */
  constructor (module = new URL('./thread.js', import.meta.url)) {
    this.#module = module
  }

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
    while (this.#results.size > 0) await Promise.allSettled(this.#results)
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    const ended = once(worker, 'exit')
    worker.postMessage('close')
    await ended
  }

  #run (job: Omit<Job, 'id'>, onProgress?: (progress: number) => void): Promise<LogLayout | AnalysisResult> {
    const id = ++this.#lastId
    const result = new Promise<LogLayout | AnalysisResult>((resolve, reject) => {
      this.#worker ??= this.#start()
      this.#worker.ref()
      this.#worker.postMessage({ ...job, id })
      this.#jobs.set(id, { resolve, reject, onProgress })
    })
    this.#results.add(result)
    const forget = () => { this.#results.delete(result) }
    result.then(forget, forget)
    return result
  }

  #start (): Worker {
    const worker = new Worker(this.#module)
    worker.on('message', (event: JobEvent) => this.#receive(event))
    // The event `exit` follows, with any other end of the thread.
    worker.on('error', () => {})
    worker.on('exit', () => {
      this.#worker = undefined
      this.#rejectAll()
    })
    return worker
  }

  #receive (event: JobEvent): void {
    const job = this.#jobs.get(event.id)! // The thread only tells about jobs that it has.
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

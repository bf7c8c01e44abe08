import type { Worker } from 'node:worker_threads'

/** Ends a thread that has been silent for too long: a job that never ends would stop all other jobs for ever. */
export class ThreadWatch {
  readonly #worker: Pick<Worker, 'postMessage' | 'terminate'>
  readonly #maxSilenceMs: number
  #timer: NodeJS.Timeout | undefined
  #wasHeard = true
  #error: Error | undefined

  constructor (worker: Pick<Worker, 'postMessage' | 'terminate'>, maxSilenceMs: number) {
    this.#worker = worker
    this.#maxSilenceMs = maxSilenceMs
  }

  /** Why the thread was ended; `undefined` if it was not. */
  get error (): Error | undefined {
    return this.#error
  }

  /** Starts watching, when the thread has jobs. */
  start (): void {
    if (this.#timer !== undefined) return
    this.#ask()
    this.#timer = setInterval(() => this.#check(), this.#maxSilenceMs)
    // The thread keeps the process alive while it has jobs.
    this.#timer.unref()
  }

  /** Must be called at every message of the thread. */
  hear (): void {
    this.#wasHeard = true
  }

  /** Stops watching. */
  stop (): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #check (): void {
    if (this.#wasHeard) {
      this.#ask()
      return
    }
    this.stop()
    this.#error = new Error(`The thread has not answered for ${this.#maxSilenceMs} ms.`)
    // The event `exit` of the thread follows.
    this.#worker.terminate().catch((error: Error) => { this.#error = error })
  }

  #ask (): void {
    this.#wasHeard = false
    this.#worker.postMessage('ping')
  }
}

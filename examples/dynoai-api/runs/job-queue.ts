/** Runs jobs in the background, one at a time, so many uploads at once leave CPU time for other requests. */
export class JobQueue {
  readonly #limit: number
  #tail: Promise<void> = Promise.resolve()
  #length = 0

  constructor (limit: number) {
    this.#limit = limit
  }

  /** Number of jobs that are waiting or running. */
  get length (): number {
    return this.#length
  }

  /** Whether the limit is reached. The caller checks it before `push`. */
  get isFull (): boolean {
    return this.#length >= this.#limit
  }

  /** Adds a job. The job must handle its errors. */
  push (job: () => Promise<void>): void {
    this.#length++
    this.#tail = this.#tail.then(job).finally(() => { this.#length-- })
  }

  /** Resolves when every job that was added so far has ended. */
  idle (): Promise<void> {
    return this.#tail
  }
}

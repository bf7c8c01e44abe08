/** Does one job after the other in the background, so that a rush of uploads does not starve the service. */
export class JobQueue {
  readonly #limit: number
  #tail: Promise<void> = Promise.resolve()
  #length = 0

  constructor (limit: number) {
    this.#limit = limit
  }

  /** Jobs that wait or run. */
  get length (): number {
    return this.#length
  }

  /** Whether new work should be turned away. */
  get isFull (): boolean {
    return this.#length >= this.#limit
  }

  /** Adds a job, which handles its own errors. */
  push (job: () => Promise<void>): void {
    this.#length++
    this.#tail = this.#tail.then(job).finally(() => { this.#length-- })
  }

  /** Resolves when every job so far is done. */
  idle (): Promise<void> {
    return this.#tail
  }
}

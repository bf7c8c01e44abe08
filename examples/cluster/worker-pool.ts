import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'

export interface WorkerPoolOptions {
  /** How many processes run. */
  readonly size: number
  /** How long a process may take to stop before it is killed, in milliseconds. */
  readonly killTimeout: number
  /** How long after its exit a process that was not told to stop is replaced, in milliseconds. */
  readonly restartDelay: number
}

/** Keeps a number of workers of node:cluster running. It does not know that they have metrics. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  /** The processes that were not told to stop. */
  readonly #workers = new Set<Worker>()
  #isStopping = false

  constructor (options: WorkerPoolOptions) {
    this.#options = options
  }

  /**
   * Starts the processes that are missing, and resolves when they listen.
   * @throws if one exits before it listens
   */
  async start (): Promise<void> {
    const length = this.#options.size - this.#workers.size
    await Promise.all(Array.from({ length }, async () => { await this.#startWorker() }))
  }

  /**
   * Replaces all processes, one after another. Each new one listens before an old one stops.
   * @throws if a new one exits before it listens; the old ones that are left go on
   */
  async restart (): Promise<void> {
    for (const worker of [...this.#workers]) {
      if (!this.#workers.has(worker)) continue // it has crashed
      await this.#startWorker()
      await this.#stopWorker(worker)
    }
    await this.start()
  }

  /** Stops all processes. */
  async stop (): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#workers].map(async worker => { await this.#stopWorker(worker) }))
  }

  async #startWorker (): Promise<void> {
    if (this.#isStopping) return
    const worker = cluster.fork()
    this.#workers.add(worker)
    const isListening = await Promise.race([
      once(worker, 'listening').then(() => true), once(worker, 'exit').then(() => false)
    ])
    if (isListening) {
      worker.once('exit', () => { this.#replace(worker) })
    } else if (this.#workers.delete(worker)) {
      throw new Error(`Process ${worker.process.pid} exited before it listened`)
    }
  }

  #replace (worker: Worker): void {
    if (!this.#workers.delete(worker)) return
    console.error(`Process ${worker.process.pid} exited, and is replaced`)
    this.#startLater()
  }

  /** Starts what is missing after a delay, again and again until it listens. */
  #startLater (): void {
    setTimeout(() => {
      this.start().catch(() => { this.#startLater() })
    }, this.#options.restartDelay)
  }

  async #stopWorker (worker: Worker): Promise<void> {
    if (!this.#workers.delete(worker)) return
    const timeout = setTimeout(() => worker.process.kill('SIGKILL'), this.#options.killTimeout)
    worker.process.kill('SIGTERM')
    await once(worker, 'exit')
    clearTimeout(timeout)
  }
}

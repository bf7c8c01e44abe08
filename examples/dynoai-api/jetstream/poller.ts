import type { FastifyBaseLogger } from 'fastify'
import type { FastifyMetrics } from 'dynoai-metrics'
import type { AnalyseLog } from '../contracts.js'
import { analyseRun } from './analyse-run.js'
import type { JetstreamClient } from './client.js'
import type { JetstreamRun } from './run.js'
import { RunStore } from './run-store.js'

/** Options of the poller. */
export interface PollerOptions {
  readonly client: JetstreamClient
  readonly metrics: Pick<FastifyMetrics, 'jetstreamRunsTotal' | 'jetstreamPollDurationSeconds'>
  readonly analyse: AnalyseLog
  readonly log: FastifyBaseLogger
  /** Time from the start of a poll to the start of the next, in milliseconds. */
  readonly intervalMs: number
  /** Number of runs that are kept. */
  readonly maxRuns: number
}

/** The outcome of the latest poll. */
export interface PollState {
  /** Time of the latest successful poll, in ISO 8601. */
  readonly lastSuccess?: string
  /** Why the latest poll failed; undefined if it succeeded. */
  readonly error?: string
}

/** Polls the runs on Jetstream and analyses the logs of complete runs. */
export class JetstreamPoller {
  readonly runs: RunStore
  readonly #options: PollerOptions
  #state: PollState = {}
  #since: string | undefined
  #timer: NodeJS.Timeout | undefined
  #polling: Promise<string[]> | undefined
  #analysing: Promise<void> = Promise.resolve()

  constructor (options: PollerOptions) {
    this.#options = options
    this.runs = new RunStore(options.maxRuns)
  }

  /** The outcome of the latest poll. */
  get state (): PollState {
    return this.#state
  }

  /** Polls at once and then at every interval, until `stop` is called. */
  start (): void {
    // `#poll` has already counted and logged a failure.
    const tick = () => { this.poll().catch(() => {}) }
    this.#timer = setInterval(tick, this.#options.intervalMs)
    this.#timer.unref()
    tick()
  }

  /** Stops polling, aborts the calls in progress and waits for the analysis in progress. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#options.client.close()
    await Promise.allSettled([this.#polling])
    await this.#analysing
  }

  /**
   * Reads changed runs from Jetstream and returns the ids of new ones. A call during a poll returns the result of that
   * poll, so polls never overlap.
   */
  poll (): Promise<string[]> {
    this.#polling ??= this.#poll().finally(() => { this.#polling = undefined })
    return this.#polling
  }

  /** Settles when the analysis of every run that is complete now has ended or failed. */
  analysed (): Promise<void> {
    return this.#analysing
  }

  async #poll (): Promise<string[]> {
    const { client, metrics, log } = this.#options
    const endTimer = metrics.jetstreamPollDurationSeconds.startTimer()
    try {
      const newIds = this.#updateRuns(await client.listRuns(this.#since))
      endTimer({ status: 'success' })
      this.#state = { lastSuccess: new Date().toISOString() }
      this.#analysing = this.#analysing.then(() => this.#analyseWaiting())
      return newIds
    } catch (error) {
      // The client rejects only with a JetstreamError.
      endTimer({ status: 'error' })
      this.#state = { ...this.#state, error: (error as Error).message }
      log.warn({ err: error }, 'polling Jetstream failed')
      throw error
    }
  }

  #updateRuns (listed: readonly JetstreamRun[]): string[] {
    const newIds = []
    for (const run of listed) {
      const { isNew, hasNewState } = this.runs.update(run)
      if (isNew) newIds.push(run.id)
      if (hasNewState) this.#options.metrics.jetstreamRunsTotal.inc({ status: run.state })
      if (this.#since === undefined || run.updated_at > this.#since) this.#since = run.updated_at
    }
    return newIds
  }

  async #analyseWaiting (): Promise<void> {
    const { client, analyse, log } = this.#options
    for (const run of this.runs.waiting()) {
      const analysed = await analyseRun(run, client, analyse)
      if (analysed.error !== undefined) {
        log.warn({ run: run.id, reason: analysed.error }, 'a Jetstream run was not analysed')
      }
      this.runs.put(analysed)
    }
  }
}

import type { FastifyBaseLogger } from 'fastify'
import type { FastifyMetrics } from 'dynoai-metrics'
import type { AnalyseLog } from '../contracts.js'
import { analyseRun } from './analyse-run.js'
import type { JetstreamClient } from './client.js'
import { RunStore } from './run-store.js'
import type { JetstreamRun } from './runs.js'

/** What the poller needs. */
export interface PollerOptions {
  readonly client: JetstreamClient
  readonly metrics: Pick<FastifyMetrics, 'jetstreamRunsTotal' | 'jetstreamPollDurationSeconds'>
  readonly analyse: AnalyseLog
  readonly log: FastifyBaseLogger
  /** From the start of a poll to the start of the next, in milliseconds. */
  readonly intervalMs: number
  /** Runs remembered. */
  readonly maxRuns: number
}

/** How the latest poll went. */
export interface PollState {
  /** When Jetstream last answered, in ISO 8601. */
  readonly lastSuccess?: string
  /** Why the latest poll failed, if it did. */
  readonly error?: string
}

/** Follows the runs on Jetstream and has the logs of complete ones analysed. */
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

  /** How the latest poll went. */
  get state (): PollState {
    return this.#state
  }

  /** Polls now and then at every interval, until stopped. */
  start (): void {
    // A failing poll has been counted and logged where it failed.
    const tick = () => { this.poll().catch(() => {}) }
    this.#timer = setInterval(tick, this.#options.intervalMs)
    this.#timer.unref()
    tick()
  }

  /** Ends polling, and with it every call under way. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#options.client.close()
    await Promise.allSettled([this.#polling])
    await this.#analysing
  }

  /** Asks Jetstream for changes and gives the ids of new runs; joins a poll that is under way, so that polls never overlap. */
  poll (): Promise<string[]> {
    this.#polling ??= this.#poll().finally(() => { this.#polling = undefined })
    return this.#polling
  }

  /** Settles when the logs of all runs that are complete now have been looked at. */
  analysed (): Promise<void> {
    return this.#analysing
  }

  async #poll (): Promise<string[]> {
    const { client, metrics, log } = this.#options
    const endTimer = metrics.jetstreamPollDurationSeconds.startTimer()
    try {
      const newIds = this.#takeOver(await client.listRuns(this.#since))
      endTimer({ status: 'success' })
      this.#state = { lastSuccess: new Date().toISOString() }
      this.#analysing = this.#analysing.then(() => this.#analyseWaiting())
      return newIds
    } catch (error) {
      // The client rejects with a JetstreamError, always.
      endTimer({ status: 'error' })
      this.#state = { ...this.#state, error: (error as Error).message }
      log.warn({ err: error }, 'polling Jetstream failed')
      throw error
    }
  }

  #takeOver (listed: readonly JetstreamRun[]): string[] {
    const newIds = []
    for (const run of listed) {
      const { isNew, hasEntered } = this.runs.update(run)
      if (isNew) newIds.push(run.id)
      if (hasEntered) this.#options.metrics.jetstreamRunsTotal.inc({ status: run.state })
      if (this.#since === undefined || run.updated_at > this.#since) this.#since = run.updated_at
    }
    return newIds
  }

  async #analyseWaiting (): Promise<void> {
    const { client, analyse, log } = this.#options
    for (const run of this.runs.waiting()) {
      const analysed = await analyseRun(run, client, analyse)
      if (analysed.error !== undefined) log.warn({ run: run.id, reason: analysed.error }, 'a Jetstream run was not analysed')
      this.runs.put(analysed)
    }
  }
}

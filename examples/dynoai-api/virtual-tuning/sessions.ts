import { randomUUID } from 'node:crypto'
import type { FastifyMetrics } from 'dynoai-metrics'
import {
  createCells, nextStatus, simulatePull, updateVe, widenLeak,
  type Cell, type Pull, type SessionStatus, type TuningConfig
} from './simulation.js'

/** A session in the format of the API. */
export interface Session {
  readonly session_id: string
  readonly status: SessionStatus
  readonly config: TuningConfig
  /** Number of pulls so far. */
  readonly iterations: number
  /** The largest |AFR - target| of each pull so far. */
  readonly afr_errors: readonly number[]
  /** Percentage of cells that need almost no correction. */
  readonly converged_cells_percent: number
}

/** Options of the sessions. */
export interface SessionsOptions {
  readonly metrics: Pick<FastifyMetrics, 'virtualTuningSessionsTotal' | 'virtualTuningIterations' | 'activeSessions'>
  /** Called with the last pull of a session that ended without being stopped. */
  readonly onEnd: (session: Session, lastPull: Pull) => void
  /** Pause before every pull, in milliseconds. */
  readonly stepMs: number
  /** Number of sessions that are kept, ended ones included, and the limit of running sessions. */
  readonly maxSessions: number
}

/** The tuning sessions of the service. Each pull is a separate step, so a session can be stopped between two pulls. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #sessions = new Map<string, Session>()
  /** The timer of the next pull of every running session. */
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor (options: SessionsOptions) {
    this.#options = options
  }

  /** Number of running sessions. */
  get running (): number {
    return this.#timers.size
  }

  /** Returns the session, or `undefined` for an unknown id. */
  get (id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  /** Starts a session; returns `undefined` when too many are running. */
  start (config: TuningConfig): Session | undefined {
    if (this.running >= this.#options.maxSessions) return undefined
    this.#evictOldestEnded()
    const session: Session = {
      session_id: randomUUID(), status: 'running', config, iterations: 0, afr_errors: [], converged_cells_percent: 0
    }
    this.#storeNewStatus(session)
    this.#options.metrics.activeSessions.inc()
    this.#schedule(session, createCells(config))
    return session
  }

  /** Stops a running session; returns an ended session unchanged, and `undefined` for an unknown id. */
  stop (id: string): Session | undefined {
    const session = this.#sessions.get(id)
    if (session?.status !== 'running') return session
    return this.#end({ ...session, status: 'stopped' })
  }

  /** Stops every running session. */
  stopAll (): void {
    for (const id of this.#timers.keys()) this.stop(id)
  }

  #schedule (session: Session, cells: readonly Cell[]): void {
    this.#timers.set(session.session_id, setTimeout(() => this.#iterate(session, cells), this.#options.stepMs))
  }

  #iterate (previous: Session, cells: readonly Cell[]): void {
    const pull = simulatePull(cells)
    const iterations = previous.iterations + 1
    const previousError = previous.afr_errors.at(-1)
    const session: Session = {
      ...previous,
      iterations,
      afr_errors: [...previous.afr_errors, pull.max_afr_error],
      converged_cells_percent: pull.converged_cells_percent,
      status: nextStatus({ pull, iterations, previousError, maxIterations: previous.config.max_iterations })
    }
    if (session.status === 'running') {
      this.#sessions.set(session.session_id, session)
      this.#schedule(session, widenLeak(updateVe(pull), session.config.leak_percent))
    } else {
      this.#options.onEnd(this.#end(session), pull)
    }
  }

  #end (session: Session): Session {
    clearTimeout(this.#timers.get(session.session_id))
    this.#timers.delete(session.session_id)
    this.#storeNewStatus(session)
    this.#options.metrics.activeSessions.dec()
    this.#options.metrics.virtualTuningIterations.observe(session.iterations)
    return session
  }

  #storeNewStatus (session: Session): void {
    this.#sessions.set(session.session_id, session)
    this.#options.metrics.virtualTuningSessionsTotal.inc({ status: session.status })
  }

  #evictOldestEnded (): void {
    if (this.#sessions.size < this.#options.maxSessions) return
    const oldest = [...this.#sessions.values()].find(({ status }) => status !== 'running')
    if (oldest) this.#sessions.delete(oldest.session_id)
  }
}

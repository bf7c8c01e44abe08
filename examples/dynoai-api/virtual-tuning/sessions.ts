import { randomUUID } from 'node:crypto'
import type { FastifyMetrics } from 'dynoai-metrics'
import { judge, openLeak, simulatePull, startingCells, updateVe, type Cell, type Pull, type TuningConfig } from './simulate.js'

/** How a session stands; a label of `dynoai_virtual_tuning_sessions_total`. */
export type SessionStatus = 'running' | 'converged' | 'failed' | 'stopped' | 'max_iterations'

/** A session as the API tells it. */
export interface Session {
  readonly session_id: string
  readonly status: SessionStatus
  readonly config: TuningConfig
  /** Pulls so far. */
  readonly iterations: number
  /** Of every pull so far, its largest |AFR - target|. */
  readonly afr_errors: readonly number[]
  /** Share of cells that need next to no correction, in per cent. */
  readonly converged_cells_percent: number
}

/** What the sessions need of the application. */
export interface SessionsOptions {
  readonly metrics: Pick<FastifyMetrics, 'virtualTuningSessionsTotal' | 'virtualTuningIterations' | 'activeSessions'>
  /** Called with the last pull of a session that came to its end by itself. */
  readonly onEnd: (session: Session, lastPull: Pull) => void
  /** Pause before every pull, in milliseconds. */
  readonly stepMs: number
  /** Sessions kept, ended ones included. */
  readonly maxSessions: number
}

/** The tuning sessions of the service: each runs in small steps, so that it can be stopped. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #sessions = new Map<string, Session>()
  /** The next step of every session that runs. */
  readonly #steps = new Map<string, NodeJS.Timeout>()

  constructor (options: SessionsOptions) {
    this.#options = options
  }

  /** Sessions that run now. */
  get running (): number {
    return this.#steps.size
  }

  /** The session of this id, if it is remembered. */
  get (id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  /** Starts a session; gives nothing when too many run already. */
  start (config: TuningConfig): Session | undefined {
    if (this.running >= this.#options.maxSessions) return undefined
    this.#forgetOldest()
    const session: Session = {
      session_id: randomUUID(), status: 'running', config, iterations: 0, afr_errors: [], converged_cells_percent: 0
    }
    this.#enter(session)
    this.#options.metrics.activeSessions.inc()
    this.#schedule(session, startingCells(config))
    return session
  }

  /** Stops a session that runs; one that has ended stays as it is. */
  stop (id: string): Session | undefined {
    const session = this.#sessions.get(id)
    if (session?.status !== 'running') return session
    return this.#end({ ...session, status: 'stopped' })
  }

  /** Stops every session that runs. */
  stopAll (): void {
    for (const id of this.#steps.keys()) this.stop(id)
  }

  #schedule (session: Session, cells: readonly Cell[]): void {
    this.#steps.set(session.session_id, setTimeout(() => this.#iterate(session, cells), this.#options.stepMs))
  }

  #iterate (before: Session, cells: readonly Cell[]): void {
    const pull = simulatePull(cells)
    const iterations = before.iterations + 1
    const session: Session = {
      ...before,
      iterations,
      afr_errors: [...before.afr_errors, pull.max_afr_error],
      converged_cells_percent: pull.converged_cells_percent,
      status: judge(pull, iterations, before.afr_errors.at(-1) ?? Infinity, before.config)
    }
    if (session.status === 'running') {
      this.#sessions.set(session.session_id, session)
      this.#schedule(session, openLeak(updateVe(pull), session.config.leak_percent))
    } else {
      this.#options.onEnd(this.#end(session), pull)
    }
  }

  #end (session: Session): Session {
    clearTimeout(this.#steps.get(session.session_id))
    this.#steps.delete(session.session_id)
    this.#enter(session)
    this.#options.metrics.activeSessions.dec()
    this.#options.metrics.virtualTuningIterations.observe(session.iterations)
    return session
  }

  #enter (session: Session): void {
    this.#sessions.set(session.session_id, session)
    this.#options.metrics.virtualTuningSessionsTotal.inc({ status: session.status })
  }

  #forgetOldest (): void {
    if (this.#sessions.size < this.#options.maxSessions) return
    const oldest = [...this.#sessions.values()].find(({ status }) => status !== 'running')
    if (oldest) this.#sessions.delete(oldest.session_id)
  }
}

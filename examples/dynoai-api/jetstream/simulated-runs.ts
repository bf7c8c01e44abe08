import { generateLog } from '../demo/generate-log.js'
import { seededRandom } from '../demo/seeded-random.js'
import { evictOldest } from '../evict-oldest.js'
import type { JetstreamRun, RunState } from './run.js'

/** Options of the simulated runs; a probability is from 0 (never) to 1 (always). */
export interface SimulatedRunsOptions {
  /** The same seed produces the same runs. @default 1 */
  readonly seed?: number
  /** Probability that a tick adds a run. @default 0.5 */
  readonly newRuns?: number
  /** Probability that a run ends in `error`. @default 0.15 */
  readonly failingRuns?: number
  /** Probability that the log of a complete run is corrupt. @default 0.1 */
  readonly corruptLogs?: number
  /** Rows of a log. @default 3600 */
  readonly rows?: number
  /** Number of runs that are kept; the oldest are evicted. @default 100 */
  readonly maxRuns?: number
}

const PROGRESS: readonly RunState[] = ['pending', 'downloading', 'converting', 'validating', 'processing', 'complete']

/** Simulates runs on Jetstream. Time is counted in ticks, so tests and demos are repeatable. */
export class SimulatedRuns {
  readonly #options: Required<SimulatedRunsOptions>
  readonly #runs = new Map<string, JetstreamRun>()
  #ticks = 0
  #created = 0

  constructor (options: SimulatedRunsOptions = {}) {
    this.#options = { seed: 1, newRuns: 0.5, failingRuns: 0.15, corruptLogs: 0.1, rows: 3600, maxRuns: 100, ...options }
  }

  /** Returns the run, or `undefined` for an unknown id. */
  get (id: string): JetstreamRun | undefined {
    return this.#runs.get(id)
  }

  /** Returns runs that changed at `since` or later; all runs without `since`. */
  list (since = ''): JetstreamRun[] {
    return [...this.#runs.values()].filter(run => run.updated_at >= since)
  }

  /** Moves every run that has not ended to its next state, and may add a run. */
  tick (): void {
    const now = new Date().toISOString()
    for (const run of this.#runs.values()) {
      const state = this.#nextState(run)
      if (state !== run.state) this.#runs.set(run.id, { ...run, state, updated_at: now })
    }
    this.#ticks++
    if (this.#random(`new run at ${this.#ticks}`) < this.#options.newRuns) this.#add(now)
  }

  /** Returns the log of a run. */
  log ({ id }: JetstreamRun): Buffer {
    const seed = Math.floor(2 ** 31 * this.#random(`seed of ${id}`))
    const log = Buffer.from(generateLog({ seed, rows: this.#options.rows }))
    return this.#random(`log of ${id}`) < this.#options.corruptLogs ? Buffer.from(log.map(byte => 255 - byte)) : log
  }

  #add (now: string): void {
    const id = `run-${String(++this.#created).padStart(4, '0')}`
    this.#runs.set(id, { id, state: 'pending', vehicle: 'FXDLS 2021', updated_at: now })
    evictOldest(this.#runs, this.#options.maxRuns)
  }

  #nextState ({ id, state }: JetstreamRun): RunState {
    if (state === 'error') return state
    const step = PROGRESS.indexOf(state)
    const failsAfter = 1 + Math.floor(4 * this.#random(`failing step of ${id}`))
    if (step === failsAfter && this.#random(`end of ${id}`) < this.#options.failingRuns) return 'error'
    return PROGRESS[step + 1] ?? state
  }

  #random (key: string): number {
    return seededRandom(this.#options.seed, key)
  }
}

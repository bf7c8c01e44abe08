import { draw } from '../demo/draw.js'
import { generateLog } from '../demo/generate-log.js'
import type { JetstreamRun, RunState } from './runs.js'

/** What happens on the simulated Jetstream; a chance is a share from 0, never, to 1, always. */
export interface StubCloudOptions {
  /** The same seed gives the same runs. @default 1 */
  readonly seed?: number
  /** Chance that a new run appears at a tick. @default 0.5 */
  readonly newRuns?: number
  /** Chance that a run ends in `error`. @default 0.15 */
  readonly failingRuns?: number
  /** Chance that the log of a complete run is corrupt. @default 0.1 */
  readonly corruptLogs?: number
  /** Rows of a log. @default 3600 */
  readonly rows?: number
  /** Runs remembered, the newest. @default 100 */
  readonly maxRuns?: number
}

const PROGRESS: readonly RunState[] = ['pending', 'downloading', 'converting', 'validating', 'processing', 'complete']

/** The runs on a simulated Jetstream; its time is counted in ticks, so that tests and demos repeat. */
export class StubCloud {
  readonly #options: Required<StubCloudOptions>
  readonly #runs = new Map<string, JetstreamRun>()
  #ticks = 0
  #created = 0

  constructor (options: StubCloudOptions = {}) {
    this.#options = { seed: 1, newRuns: 0.5, failingRuns: 0.15, corruptLogs: 0.1, rows: 3600, maxRuns: 100, ...options }
  }

  /** The run of this id, if there is one. */
  get (id: string): JetstreamRun | undefined {
    return this.#runs.get(id)
  }

  /** Runs that changed at `since` or later. */
  list (since = ''): JetstreamRun[] {
    return [...this.#runs.values()].filter(run => run.updated_at >= since)
  }

  /** Every run that has not ended enters its next state, and a new run may appear. */
  tick (): void {
    const now = new Date().toISOString()
    for (const run of this.#runs.values()) {
      const state = this.#stateAfter(run)
      if (state !== run.state) this.#runs.set(run.id, { ...run, state, updated_at: now })
    }
    this.#ticks++
    if (this.#draw(`new run at ${this.#ticks}`) < this.#options.newRuns) this.#add(now)
  }

  /** The log of a run. */
  log ({ id }: JetstreamRun): Buffer {
    const seed = Math.floor(2 ** 31 * this.#draw(`seed of ${id}`))
    const log = Buffer.from(generateLog({ seed, rows: this.#options.rows }))
    return this.#draw(`log of ${id}`) < this.#options.corruptLogs ? Buffer.from(log.map(byte => 255 - byte)) : log
  }

  #add (now: string): void {
    const id = `run-${String(++this.#created).padStart(4, '0')}`
    this.#runs.set(id, { id, state: 'pending', vehicle: 'FXDLS 2021', updated_at: now })
    for (const old of [...this.#runs.keys()].slice(0, -this.#options.maxRuns)) this.#runs.delete(old)
  }

  #stateAfter ({ id, state }: JetstreamRun): RunState {
    if (state === 'error') return state
    const step = PROGRESS.indexOf(state)
    const failsAfter = 1 + Math.floor(4 * this.#draw(`failing step of ${id}`))
    if (step === failsAfter && this.#draw(`end of ${id}`) < this.#options.failingRuns) return 'error'
    return PROGRESS[step + 1] ?? state
  }

  #draw (question: string): number {
    return draw(this.#options.seed, question)
  }
}

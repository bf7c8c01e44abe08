import type { JetstreamRun } from './runs.js'

/** A run with what this service made of its log. */
export interface StoredRun extends JetstreamRun {
  readonly analysis: 'waiting' | 'complete' | 'error'
  /** How often the log was asked for. */
  readonly attempts: number
  /** How many cells need a correction; there once the analysis is complete. */
  readonly corrections_count?: number
  /** The largest correction before the clamp, in per cent; there once the analysis is complete. */
  readonly magnitude_percent?: number
  /** Why there is no analysis. */
  readonly error?: string | undefined
}

/** The runs that this service remembers: at most `maxRuns`, those that changed last. */
export class RunStore {
  readonly #runs = new Map<string, StoredRun>()
  readonly #maxRuns: number

  constructor (maxRuns: number) {
    this.#maxRuns = maxRuns
  }

  /** The run of this id, if it is remembered. */
  get (id: string): StoredRun | undefined {
    return this.#runs.get(id)
  }

  /** Every run, the one that changed last first. */
  list (): StoredRun[] {
    return [...this.#runs.values()].reverse()
  }

  /** Complete runs whose log is to be analysed, the one that changed last at the end. */
  waiting (): StoredRun[] {
    return [...this.#runs.values()].filter(run => run.state === 'complete' && run.analysis === 'waiting')
  }

  /** Takes over a run as Jetstream tells it; says whether the run is new and whether it entered a state. */
  update (run: JetstreamRun): { isNew: boolean, hasEntered: boolean } {
    const known = this.get(run.id)
    if (known?.state === run.state) return { isNew: false, hasEntered: false }
    this.put({ analysis: 'waiting', attempts: 0, ...known, ...run })
    return { isNew: known === undefined, hasEntered: true }
  }

  /** Keeps a run and forgets the one that did not change for the longest time, if there are too many. */
  put (run: StoredRun): void {
    // Deleted first, so that the order of the map is the order of change.
    this.#runs.delete(run.id)
    this.#runs.set(run.id, run)
    for (const id of [...this.#runs.keys()].slice(0, -this.#maxRuns)) this.#runs.delete(id)
  }
}

import { evictOldest } from '../evict-oldest.js'
import type { JetstreamRun } from './run.js'

/** A run with the analysis of its log. */
export interface StoredRun extends JetstreamRun {
  readonly analysis: 'waiting' | 'complete' | 'error'
  /** Number of attempts to download the log. */
  readonly attempts: number
  /** Number of cells that need a correction; set when the analysis is complete. */
  readonly corrections_count?: number
  /** The largest correction before clamping, in percent; set when the analysis is complete. */
  readonly magnitude_percent?: number
  /** Why the latest attempt failed. */
  readonly error?: string | undefined
}

/** Keeps at most `maxRuns` runs in memory; the runs that changed longest ago are evicted. */
export class RunStore {
  readonly #runs = new Map<string, StoredRun>()
  readonly #maxRuns: number

  constructor (maxRuns: number) {
    this.#maxRuns = maxRuns
  }

  /** Returns the run, or `undefined` for an unknown id. */
  get (id: string): StoredRun | undefined {
    return this.#runs.get(id)
  }

  /** Returns all runs, the latest change first. */
  list (): StoredRun[] {
    return [...this.#runs.values()].reverse()
  }

  /** Returns complete runs that wait for their analysis, the latest change last. */
  waiting (): StoredRun[] {
    return [...this.#runs.values()].filter(run => run.state === 'complete' && run.analysis === 'waiting')
  }

  /** Stores a run that Jetstream listed; returns whether the run is new and whether its state is new. */
  update (run: JetstreamRun): { isNew: boolean, hasNewState: boolean } {
    const known = this.get(run.id)
    if (known?.state === run.state) return { isNew: false, hasNewState: false }
    this.put({ analysis: 'waiting', attempts: 0, ...known, ...run })
    return { isNew: known === undefined, hasNewState: true }
  }

  /** Stores a run as the latest change. */
  put (run: StoredRun): void {
    // Deleted first, because `set` does not move an existing key to the end of the map.
    this.#runs.delete(run.id)
    this.#runs.set(run.id, run)
    evictOldest(this.#runs, this.#maxRuns)
  }
}

import { Scheduler } from '../exposition/scheduler.js'
import type { Family } from '../series/family.js'
import type { RemovalListener } from '../series/removal-listener.js'
import { runToEnd } from '../util/run-to-end.js'
import { FileProblem } from './file-problem.js'
import { RemovalQueue } from './removal-queue.js'
import { runInSlices } from './run-in-slices.js'
import type { SlotWriter } from './slot-writer.js'

/** How often removals are tried that cannot be applied, for example on a full disk. */
const MAX_ATTEMPTS = 10

export interface ServiceRemovalsOptions {
  /** What writes to the slot of this process; `null` if it has none. */
  readonly writer: () => SlotWriter | null
  /** Called with removals that failed, or that are too many. */
  readonly onError: (err: unknown) => void
}

/**
 * Removes what the application removes from the inherited counts, too. That takes long, so it is never done in the call
 * of the application, but before the next write or scrape.
 */
export class ServiceRemovals implements RemovalListener {
  readonly #options: ServiceRemovalsOptions
  readonly #expiring = new Set<Family>()
  readonly #queue = new RemovalQueue()
  #run: { readonly result: Promise<void>, readonly abort: AbortController } | null = null
  /** How often it has failed in succession. */
  #failures = 0

  constructor (options: ServiceRemovalsOptions) {
    this.#options = options
  }

  removed (metric: string, labelValues: readonly string[]): void {
    this.#add(metric, [...labelValues])
  }

  reset (metric: string): void {
    this.#add(metric, null)
  }

  /** Removes the inherited series of metrics that this process does not have: nothing was written to them for long. */
  expire (families: readonly Family[]): void {
    for (const family of families) this.#expiring.add(family)
  }

  /** Applies all removals up to now, in slices. Never rejects. */
  async apply (): Promise<void> {
    await this.#run?.result
    if (this.#queue.isEmpty && this.#expiring.size === 0) return
    this.#run ??= this.#begin()
    await this.#run.result
  }

  /** Applies all removals without pauses, since this process ends. */
  applyNow (): void {
    this.#run?.abort.abort()
    if (this.#queue.isEmpty && this.#expiring.size === 0) return
    try {
      runToEnd(this.#steps())
    } catch (err) {
      this.#options.onError(err)
    }
  }

  #begin (): { result: Promise<void>, abort: AbortController } {
    const abort = new AbortController()
    return { result: this.#applyInSlices(abort.signal), abort }
  }

  async #applyInSlices (signal: AbortSignal): Promise<void> {
    try {
      await runInSlices(this.#steps(), { scheduler: new Scheduler(), signal })
      this.#failures = 0
    } catch (err) {
      if (signal.aborted) return
      this.#options.onError(err)
      if (++this.#failures < MAX_ATTEMPTS) return
      this.#failures = 0
      this.#queue.clear()
      this.#expiring.clear()
    } finally {
      this.#run = null
    }
  }

  * #steps (): Generator<void> {
    const removals = this.#queue.waiting
    const writer = this.#options.writer()
    if (writer === null) return
    const expiring = [...this.#expiring]
    const writeBase = yield * writer.removeInherited(removals, expiring)
    // This process may have lost its slot in a pause, and have taken another one.
    if (writer !== this.#options.writer()) return
    writeBase?.()
    for (const family of expiring) this.#expiring.delete(family)
    this.#queue.delete(removals)
  }

  #add (metric: string, labels: readonly string[] | null): void {
    if (this.#queue.add({ metric, labels })) return
    this.#options.onError(new FileProblem('too_large', `more removals of '${metric}' than can be applied at once`))
  }
}

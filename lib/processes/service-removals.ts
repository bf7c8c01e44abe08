import { join } from 'node:path'
import { Scheduler } from '../exposition/scheduler.js'
import type { Family } from '../series/family.js'
import type { RemovalListener } from '../series/removal-listener.js'
import { runToEnd } from '../util/run-to-end.js'
import { FileProblem } from './file-problem.js'
import { nodeFileSystem, tryUnlink } from './file-system.js'
import type { FileSystem } from './file-system.js'
import type { Membership } from './membership.js'
import { removeFromOtherSlots } from './other-slots.js'
import { waitingRemovals } from './removal-files.js'
import type { FileAccess, WaitingRemovals } from './removal-files.js'
import { RemovalQueue } from './removal-queue.js'
import type { Removal } from './removal-queue.js'
import { runInSlices } from './run-in-slices.js'
import type { SlotWriter } from './slot-writer.js'
import type { OwnedSlot } from './slots.js'

/** How often removals are tried that cannot be applied, for example on a full disk. */
const MAX_ATTEMPTS = 10

export interface ServiceRemovalsOptions {
  readonly directory: string
  /** The slot of this process, and what writes to it; `null` if it has none. */
  readonly membership: () => Pick<Membership, 'slot' | 'writer'>
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
  /** Called with removals that failed, or that are too many. */
  readonly onError: (err: unknown) => void
}

/**
 * Removes what the application removes from the inherited counts of all slots, too. That takes long, so it is never
 * done in the call of the application, but before the next write or scrape. A slot that another process owns is left to
 * that process, which applies the removals in its next interval.
 */
export class ServiceRemovals implements RemovalListener {
  readonly #options: ServiceRemovalsOptions
  readonly #expiring = new Set<Family>()
  readonly #access: FileAccess
  readonly #queue = new RemovalQueue()
  #run: { readonly result: Promise<void>, readonly abort: AbortController } | null = null
  /** The names of files with removals of other processes, until they are applied. */
  #received: readonly string[] = []
  /** How often it has failed in succession. */
  #failures = 0

  constructor (options: ServiceRemovalsOptions) {
    const { directory, fs = nodeFileSystem } = options
    this.#options = options
    this.#access = { directory, fs }
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
    if (!this.#isNeeded()) return
    this.#run ??= this.#begin()
    await this.#run.result
  }

  /** Applies all removals without pauses, since this process ends. */
  applyNow (): void {
    this.#run?.abort.abort()
    if (!this.#isNeeded()) return
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
      this.#deleteReceived()
    } finally {
      this.#run = null
    }
  }

  /** Whether there are removals of this process, or of others for its slot. */
  #isNeeded (): boolean {
    if (!this.#queue.isEmpty || this.#expiring.size > 0) return true
    const { membership, onError } = this.#options
    const { slot } = membership()
    if (slot === null) return false
    try {
      return this.#waiting(slot).names.length > 0
    } catch (err) {
      onError(err)
      return false
    }
  }

  * #steps (): Generator<void> {
    const { slot, writer } = this.#options.membership()
    if (slot === null || writer === null) return
    const removals = this.#queue.waiting
    if (!(yield * this.#applyToOwn(slot, writer, removals))) return
    if (removals.length > 0 && (yield * removeFromOtherSlots(this.#access, slot, removals))) {
      this.#queue.delete(removals)
    }
  }

  /** Returns `false` if this process has lost its slot meanwhile: then the removals must be applied again. */
  * #applyToOwn (slot: OwnedSlot, writer: SlotWriter, removals: readonly Removal[]): Generator<void, boolean> {
    const waiting = this.#waiting(slot)
    this.#received = waiting.names
    for (const problem of waiting.problems) this.#options.onError(problem)
    const expiring = [...this.#expiring]
    const writeBase = yield * writer.removeInherited([...removals, ...waiting.removals], expiring)
    if (writer !== this.#options.membership().writer) return false
    writeBase?.()
    for (const family of expiring) this.#expiring.delete(family)
    this.#deleteReceived()
    return true
  }

  #deleteReceived (): void {
    const { fs, directory } = this.#access
    for (const name of this.#received) tryUnlink(fs, join(directory, name))
    this.#received = []
  }

  #waiting ({ slot, generation }: OwnedSlot): WaitingRemovals {
    return waitingRemovals(this.#access, slot, generation)
  }

  #add (metric: string, labels: readonly string[] | null): void {
    if (this.#queue.add({ metric, labels })) return
    this.#options.onError(new FileProblem('too_large', `more removals of '${metric}' than can be applied at once`))
  }
}

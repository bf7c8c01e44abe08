import type { Family } from '../series/family.js'
import { errorCode } from './error-code.js'
import { isTemporary } from './file-problem.js'
import type { FileProblem } from './file-problem.js'
import type { FileSystem } from './file-system.js'
import { readInherited } from './inheritance.js'
import type { Owner } from './owner.js'
import { openService } from './service.js'
import type { Service } from './service.js'
import { SlotWriter } from './slot-writer.js'
import { ownsSlot, releaseSlot, takeSlot } from './slots.js'
import type { OwnedSlot } from './slots.js'
import type { System } from './system.js'

/** How often a directory is opened that another process removes at the same time. */
const ATTEMPTS = 5

export interface MembershipOptions {
  readonly service: Service
  readonly owner: Owner
  /** The families to write; more may be added at the end. */
  readonly families: readonly Family[]
  /** When this process started, in milliseconds since 1970. */
  readonly since: number
  /**
   * Inherits the counts of a slot that are not in the store. Called after a slot was taken, before the first write to
   * it. Returns false if they cannot be read at present.
   */
  readonly inheritSamples: (slot: OwnedSlot) => boolean
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
  /** @default this system */
  readonly system?: System | undefined
  /** Called with each metric of which inherited series went into an overflow series. */
  readonly onOverflow?: ((metric: string) => void) | undefined
  /** Called for counts that cannot be inherited. */
  readonly onProblem: (problem: FileProblem) => void
}

/** The slot of this process in the directory of its service. */
export class Membership {
  readonly #options: MembershipOptions
  #slot: OwnedSlot | null = null
  #writer: SlotWriter | null = null
  /** Slots that this process has taken, but does not use, since their counts cannot be read at present. */
  #unused: OwnedSlot[] = []

  constructor (options: MembershipOptions) {
    this.#options = options
  }

  /** The slot; `null` if this process has none. */
  get slot (): OwnedSlot | null {
    return this.#slot
  }

  /** Whether this process still has its slot. */
  get hasSlot (): boolean {
    return this.#slot !== null && ownsSlot(this.#options.service.directory, this.#slot)
  }

  get writer (): SlotWriter | null {
    return this.#writer
  }

  /**
   * Takes a slot, and inherits its counts, if this process has none. It may have lost its slot, for example with the
   * directory. It leaves a slot whose counts cannot be read at present, for example without free descriptors: a write
   * to it would delete them.
   * @throws DYNOAI_METRICS_ERR_DIRECTORY, or an error of the operating system
   */
  ensureSlot (): void {
    this.#releaseUnused()
    if (this.hasSlot) return
    this.#writer?.close()
    this.#writer = null
    this.#slot = null
    try {
      while (this.#slot === null) {
        const slot = this.#take()
        if (this.#inherit(slot)) this.#slot = slot
        else this.#unused.push(slot)
      }
    } finally {
      this.#releaseUnused()
    }
  }

  /**
   * Makes the slot free. The counts stay.
   * @throws an error of the operating system
   */
  release (): void {
    this.#releaseUnused()
    this.#writer?.close()
    this.#writer = null
    const slot = this.#slot
    this.#slot = null
    if (slot !== null) releaseSlot(this.#options.service.directory, slot)
  }

  /** Returns false if the counts cannot be read at present. */
  #inherit (slot: OwnedSlot): boolean {
    const { service: { directory }, families, since, fs, inheritSamples, onProblem, onOverflow } = this.#options
    const { slot: number, generation } = slot
    const { inherited, overflowed, problems } = readInherited({ directory, slot: number, fs })
    for (const problem of problems) onProblem(problem)
    if (problems.some(isTemporary) || !inheritSamples(slot)) return false
    for (const metric of overflowed) onOverflow?.(metric)
    this.#writer = new SlotWriter({ directory, slot: number, generation, since, families, inherited, fs })
    return true
  }

  #releaseUnused (): void {
    this.#unused = this.#unused.filter(slot => !this.#isReleased(slot))
  }

  #isReleased (slot: OwnedSlot): boolean {
    const { service: { directory }, system } = this.#options
    try {
      releaseSlot(directory, slot, system)
      return true
    } catch {
      return false // at present, for example without free descriptors
    }
  }

  #take (attempts = ATTEMPTS): OwnedSlot {
    const { service, owner, system } = this.#options
    try {
      openService(service, system)
      return takeSlot(service.directory, owner, system)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || attempts === 1) throw error
    }
    return this.#take(attempts - 1)
  }
}

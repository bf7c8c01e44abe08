import type { Family } from '../series/family.js'
import { errorCode } from './error-code.js'
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
  /** Called after a slot was taken, before the first write to it. */
  readonly onSlot: (slot: OwnedSlot) => void
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
  /** @default this system */
  readonly system?: System | undefined
  /** Called for counts that cannot be inherited. */
  readonly onProblem: (problem: FileProblem) => void
}

/** The slot of this process in the directory of its service. */
export class Membership {
  readonly #options: MembershipOptions
  #slot: OwnedSlot | null = null
  #writer: SlotWriter | null = null

  constructor (options: MembershipOptions) {
    this.#options = options
  }

  /** The slot; `null` if this process has none. */
  get slot (): OwnedSlot | null {
    return this.#slot
  }

  get writer (): SlotWriter | null {
    return this.#writer
  }

  /**
   * Takes a slot, and inherits its counts, if this process has none. It may have lost its slot, for example with the
   * directory.
   * @throws DYNOAI_METRICS_ERR_DIRECTORY, or an error of the operating system
   */
  ensureSlot (): void {
    const { service: { directory } } = this.#options
    if (this.#slot !== null && ownsSlot(directory, this.#slot)) return
    this.#writer?.close()
    this.#writer = null
    this.#slot = null
    const slot = this.#take()
    const { families, since, fs, onSlot, onProblem } = this.#options
    const { inherited, problems } = readInherited({ directory, slot: slot.slot, fs })
    for (const problem of problems) onProblem(problem)
    this.#slot = slot
    const { slot: number, generation } = slot
    this.#writer = new SlotWriter({ directory, slot: number, generation, since, families, inherited, fs })
    onSlot(slot)
  }

  /**
   * Makes the slot free. The counts stay.
   * @throws an error of the operating system
   */
  release (): void {
    this.#writer?.close()
    this.#writer = null
    const slot = this.#slot
    this.#slot = null
    if (slot !== null) releaseSlot(this.#options.service.directory, slot)
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

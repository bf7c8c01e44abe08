import { join } from 'node:path'
import type { Family } from '../series/family.js'
import { runToEnd } from '../util/run-to-end.js'
import { baseBlocks } from './base-file.js'
import type { InheritedFamily } from './base-file.js'
import { createNonce, EpochWriter } from './epoch-writer.js'
import { baseFileName, epochFileNames, highestEpoch, outdatedFiles } from './file-names.js'
import { nodeFileSystem, tryUnlink } from './file-system.js'
import type { Block, FileSystem } from './file-system.js'
import { inheritSteps } from './inheritance.js'
import type { Removal } from './removal-queue.js'
import { expireInherited, removeInherited } from './remove-inherited.js'
import { replaceFile } from './replace-file.js'
import { temporarySlotName } from './temporary-name.js'

export interface SlotWriterOptions {
  readonly directory: string
  readonly slot: number
  readonly generation: number
  /** When this process started, in a unit that all processes of the service share. */
  readonly since: number
  /** The families to write; more may be added at the end. */
  readonly families: readonly Family[]
  /** The counts of the owners before. @default none */
  readonly inherited?: readonly InheritedFamily[]
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
}

/**
 * Writes the counts of this process to its slot. Each file that others read is complete at
 * any time, also if this process is killed in the middle of a write.
 */
export class SlotWriter {
  readonly #options: SlotWriterOptions
  readonly #fs: FileSystem
  /** The inherited counts until they are in the base; later `null`. */
  #inherited: readonly InheritedFamily[] | null
  /** The metrics with inherited counts. */
  #inheritedNames: ReadonlySet<string>
  #epoch: EpochWriter | null = null
  #epochNumber: number | null = null

  /** Does not write yet. */
  constructor (options: SlotWriterOptions) {
    const { inherited = [], fs = nodeFileSystem } = options
    this.#options = options
    this.#fs = fs
    this.#inherited = inherited
    this.#inheritedNames = namesOf(inherited)
  }

  /**
   * Writes what changed in the labels, and all values. The first time it writes the base, and deletes the files of
   * lower generations.
   * @throws an error of the operating system, such as a full disk, or `FileProblem` for more series than are read.
   *   What was written before stays readable, and the next call writes everything again.
   */
  write (): void {
    try {
      if (this.#inherited !== null || this.#isBaseMissing()) this.#writeFirstBase()
      if (this.#epoch?.haveNames === true && !this.#epoch.needsCompaction) this.#epoch.write()
      else this.#beginEpoch()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * Prepares a base without some series, and without those of `expiring` metrics that this process does not have.
   * Pauses regularly. Returns what writes it, as long as this process owns the slot; `null` if none was inherited.
   * @throws FileProblem if the base cannot be read
   */
  * removeInherited (
    removals: readonly Removal[], expiring: readonly Family[] = []
  ): Generator<void, (() => void) | null> {
    const removed = removals.filter(({ metric }) => this.#inheritedNames.has(metric))
    const expired = expiring.filter(({ name }) => this.#inheritedNames.has(name))
    if (removed.length + expired.length === 0) return null
    const inherited = this.#inherited ?? (yield * this.#readBase())
    const rest = yield * removeInherited(inherited, removed)
    const hasExpired = yield * expireInherited(rest ?? inherited, expired)
    if (rest === null && !hasExpired) return null
    const blocks = yield * baseBlocks(rest ?? inherited, createNonce())
    return () => { this.#writeBase(rest ?? inherited, blocks) }
  }

  /** Closes the files, which stay in the directory. A later write begins new ones. */
  close (): void {
    this.#epoch?.close()
    this.#epoch = null
  }

  #isBaseMissing (): boolean {
    const { slot, generation } = this.#options
    return this.#fs.statSync(this.#path(baseFileName(slot, generation)), { throwIfNoEntry: false }) === undefined
  }

  #writeFirstBase (): void {
    const inherited = this.#inherited ?? []
    this.#writeBase(inherited, runToEnd(baseBlocks(inherited, createNonce())))
  }

  #writeBase (inherited: readonly InheritedFamily[], blocks: readonly Block[]): void {
    const { slot, generation } = this.#options
    const name = baseFileName(slot, generation)
    replaceFile(this.#fs, { path: this.#path(name), temporaryPath: this.#path(temporarySlotName(name)) }, blocks)
    this.#inherited = null // reading it again is rare, and it may be large
    this.#inheritedNames = namesOf(inherited)
    this.#deleteOutdated(0)
  }

  /** Writes everything to new files, and then deletes the old ones. */
  #beginEpoch (): void {
    const { slot, generation, families, since } = this.#options
    const number = (this.#epochNumber ?? highestEpoch(this.#list(), slot, generation)) + 1
    this.#epochNumber = number
    const paths = epochFileNames(slot, generation, number).map(name => this.#path(name)) as [string, string, string]
    let epoch: EpochWriter | undefined
    try {
      epoch = new EpochWriter({ fs: this.#fs, paths, families, since })
      epoch.write()
    } catch (error) {
      epoch?.close()
      for (const path of paths) tryUnlink(this.#fs, path)
      throw error
    }
    this.close()
    this.#epoch = epoch
    this.#deleteOutdated(number)
  }

  * #readBase (): Generator<void, readonly InheritedFamily[]> {
    const { directory, slot, generation } = this.#options
    const { inherited, problems: [problem] } =
      yield * inheritSteps({ directory, slot, fs: this.#fs, ownGeneration: generation })
    if (problem !== undefined) throw problem
    return inherited
  }

  #deleteOutdated (epoch: number): void {
    const { slot, generation } = this.#options
    for (const name of outdatedFiles(this.#list(), slot, { generation, epoch })) tryUnlink(this.#fs, this.#path(name))
  }

  #list (): string[] {
    return this.#fs.readdirSync(this.#options.directory)
  }

  #path (name: string): string {
    return join(this.#options.directory, name)
  }
}

function namesOf (inherited: readonly InheritedFamily[]): Set<string> {
  return new Set(inherited.map(({ family }) => family.name))
}

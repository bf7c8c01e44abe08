import { join } from 'node:path'
import type { Family } from '../series/family.js'
import { baseBlocks } from './base-file.js'
import type { InheritedFamily } from './base-file.js'
import { createNonce, EpochWriter } from './epoch-writer.js'
import { baseFileName, epochFileNames, highestEpoch, outdatedFiles } from './file-names.js'
import { nodeFileSystem, tryUnlink } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { readInherited } from './inheritance.js'
import { InheritedCounts } from './inherited-counts.js'
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
 * Writes the counts of this process to its slot. All methods are synchronous. Each file that others read is complete at
 * any time, also if this process is killed in the middle of a write.
 */
export class SlotWriter {
  readonly #options: SlotWriterOptions
  readonly #fs: FileSystem
  readonly #inherited: InheritedCounts
  #epoch: EpochWriter | null = null
  #epochNumber: number | null = null

  /** Does not write yet. */
  constructor (options: SlotWriterOptions) {
    const { directory, slot, generation, inherited = [], fs = nodeFileSystem } = options
    this.#options = options
    this.#fs = fs
    const load = (): readonly InheritedFamily[] =>
      readInherited({ directory, slot, fs, ownGeneration: generation }).inherited
    this.#inherited = new InheritedCounts(inherited, load)
  }

  /** Whether inherited counts were removed since the last write. Until the next one, readers see them. */
  get isBaseOutdated (): boolean {
    return this.#inherited.isOutdated
  }

  /**
   * Writes what changed in the labels, and all values. The first time it writes the base, and deletes the files of
   * lower generations.
   * @throws an error of the operating system, such as a full disk, or `FileProblem` for more series than are read.
   *   What was written before stays readable, and the next call writes everything again.
   */
  write (): void {
    try {
      if (this.isBaseOutdated || this.#isBaseMissing()) this.#writeBase()
      if (this.#epoch?.haveNames === true && !this.#epoch.needsCompaction) this.#epoch.write()
      else this.#beginEpoch()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Removes a series from the inherited counts, by the values of its labels, with the next write. */
  removeInherited (name: string, labels: readonly string[]): void {
    this.#inherited.remove(name, labels)
  }

  /** Removes all series of a metric from the inherited counts, with the next write. */
  resetInherited (name: string): void {
    this.#inherited.reset(name)
  }

  /** Removes the series of a metric from the inherited counts that its family does not have, with the next write. */
  expireInherited (family: Family): void {
    this.#inherited.keepOnly(family)
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

  #writeBase (): void {
    const { slot, generation } = this.#options
    const name = baseFileName(slot, generation)
    const file = { path: this.#path(name), temporaryPath: this.#path(temporarySlotName(name)) }
    replaceFile(this.#fs, file, baseBlocks(this.#inherited.families, createNonce()))
    this.#inherited.markWritten()
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

import { randomBytes } from 'node:crypto'
import type { Family } from '../series/family.js'
import { runToEnd } from '../util/run-to-end.js'
import { checkLimits } from './check-limits.js'
import { FamilyLog } from './family-log.js'
import { headerPrefix, PREFIX_BYTES } from './file-header.js'
import { OutputFile } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { LogEncoder } from './labels-log.js'
import { numberBlocks, ValuesWriter } from './values-file.js'

/** A log is compacted when it has more than twice the bytes that it needs, and these in addition. */
const COMPACTION_SLACK = 2 ** 16

export interface EpochOptions {
  readonly fs: FileSystem
  /** The paths of the labels log and of both value files. */
  readonly paths: readonly [labels: string, even: string, odd: string]
  /** The families to write; more may be added at the end. */
  readonly families: readonly Family[]
  /** When this process started. */
  readonly since: number
}

/** A random number for the header of a file. */
export function createNonce (): number {
  return randomBytes(6).readUIntLE(0, 6)
}

/** Writes families to one labels log and its two value files, until the log has too many series that ended. */
export class EpochWriter {
  readonly #options: EpochOptions
  readonly #labels: OutputFile
  readonly #values: ValuesWriter
  readonly #encoder = new LogEncoder()
  readonly #logs: FamilyLog[] = []
  /** The size of the labels log without its header, in bytes. */
  #logLength = 0

  /** Creates the files. */
  constructor (options: EpochOptions) {
    const { fs, paths: [labels, ...paths] } = options
    const nonce = createNonce()
    const log = new OutputFile(fs, labels)
    try {
      log.write([headerPrefix('labels', nonce)], 0)
      this.#values = new ValuesWriter(fs, { paths, nonce })
    } catch (error) {
      log.close()
      throw error
    }
    this.#options = options
    this.#labels = log
  }

  /** Whether all files still have their names, and none has been deleted. */
  get haveNames (): boolean {
    return this.#labels.hasName && this.#values.haveNames
  }

  /** Whether most of the log is of series that ended. */
  get needsCompaction (): boolean {
    const needed = this.#logs.reduce((sum, log) => sum + log.neededBytes, 0)
    return this.#logLength > 2 * needed + COMPACTION_SLACK
  }

  /** Appends changes to the labels log, and writes the values. If it throws, the epoch must not be written again. */
  write (): void {
    const { families, since } = this.#options
    for (let number = this.#logs.length; number < families.length; number++) {
      this.#logs.push(new FamilyLog(this.#encoder, { number, family: families[number]!, since })) // below the length
    }
    for (const log of this.#logs) runToEnd(log.update(this.#encoder))
    checkLimits(families, this.#logLength + this.#encoder.length)
    this.#appendLabels()
    this.#values.write(this.#logLength, numberBlocks(families))
  }

  close (): void {
    this.#labels.close()
    this.#values.close()
  }

  #appendLabels (): void {
    const bytes = this.#encoder.take()
    if (bytes.length === 0) return
    this.#labels.write([bytes], PREFIX_BYTES + this.#logLength)
    this.#logLength += bytes.length
  }
}

import { join } from 'node:path'
import { readBaseHeader, readBaseLog, readBaseNumbers } from './base-file.js'
import { DecodedLog } from './decoded-log.js'
import { nonceOf, PREFIX_BYTES } from './file-header.js'
import { baseFileName, epochFileNames, newestGeneration } from './file-names.js'
import type { GenerationFiles } from './file-names.js'
import { FileProblem, fileProblemOf } from './file-problem.js'
import { InputFile, nodeFileSystem, openAll } from './file-system.js'
import type { FileSystem } from './file-system.js'
import type { NumberArena } from './number-arena.js'
import type { SharedLabels } from './shared-series.js'
import type { FamilySnapshot } from './snapshot.js'
import { readValues } from './values-file.js'
import type { Values } from './values-file.js'

/** How often files are read that are deleted meanwhile, which a takeover of the slot or a compaction does. */
const ATTEMPTS = 5

export interface SlotReaderOptions {
  readonly directory: string
  readonly slot: number
  /** Shared by the readers of all slots. */
  readonly labels: SharedLabels
  /** @default node:fs */
  readonly fs?: FileSystem | undefined
}

export interface ReadOptions {
  /** Where the numbers are read to. */
  readonly arena: NumberArena
  /** The names in the directory, if the caller has just read them. @default reads the directory */
  readonly names?: readonly string[] | undefined
  /** The generation of this process, whose live counts are not read. @default none: another process owns the slot */
  readonly ownGeneration?: number | undefined
}

/** The counts of a slot. */
export interface SlotState {
  /** The generation that was read; 0 if the slot has none. */
  readonly generation: number
  /** The inherited counters and histograms. */
  readonly base: readonly FamilySnapshot[]
  /** The counts of the owner of this generation. */
  readonly live: readonly FamilySnapshot[]
  /** When the owner last wrote, in milliseconds since the epoch; 0 if it has not yet. */
  readonly writtenAt: number
  /** Why the base or the live counts are missing, if they cannot be used. */
  readonly problems: readonly FileProblem[]
}

/** One part of a slot: its base, or its live counts. */
type PartName = 'base' | 'live'

/** A labels log as far as it is decoded. */
interface CachedLog {
  /** Distinguishes its file from others. */
  readonly key: string
  readonly log: DecodedLog
}

/** What was read of one part, still to decode. */
interface UndecodedPart {
  readonly log: DecodedLog
  /** The bytes of the log that are not decoded yet. */
  readonly bytes: Buffer
  readonly numbers: Float64Array
  readonly writtenAt: number
}

/** What was read of a slot. */
interface UndecodedSlot {
  readonly generation: number
  readonly base: UndecodedPart | null
  readonly live: UndecodedPart | null
}

const NO_SLOT: UndecodedSlot = { generation: 0, base: null, live: null }

/**
 * Reads the counts of one slot while its owner writes them, without waiting for the owner. It trusts nothing in the
 * files. It keeps the decoded labels, so later it reads only the labels that are new; it does not keep the numbers.
 */
export class SlotReader {
  readonly slot: number
  readonly #directory: string
  readonly #labels: SharedLabels
  readonly #fs: FileSystem
  readonly #cached: Record<PartName, CachedLog | null> = { base: null, live: null }

  constructor ({ directory, slot, labels, fs = nodeFileSystem }: SlotReaderOptions) {
    this.slot = slot
    this.#directory = directory
    this.#labels = labels
    this.#fs = fs
  }

  /**
   * Reads the base and the live counts of the highest generation, and pauses regularly. Reports a file that cannot
   * be used. Only one call may be in progress.
   */
  * read (options: ReadOptions): Generator<void, SlotState> {
    const problems: FileProblem[] = []
    const slot = yield * this.#readFiles(options, problems)
    const base = yield * this.#decode('base', slot.base, problems)
    const live = yield * this.#decode('live', slot.live, problems)
    return { generation: slot.generation, base, live, writtenAt: slot.live?.writtenAt ?? 0, problems }
  }

  /** Discards what it has decoded. */
  close (): void {
    this.#forget('base')
    this.#forget('live')
  }

  /** Reads the files, and again if one of them was deleted meanwhile. */
  * #readFiles (options: ReadOptions, problems: FileProblem[]): Generator<void, UndecodedSlot> {
    const { arena, names, ownGeneration } = options
    let problem: FileProblem | undefined
    for (let attempt = 0; attempt < ATTEMPTS && (problem?.reason ?? 'missing') === 'missing'; attempt++) {
      const found: FileProblem[] = []
      try {
        const listed = attempt === 0 && names !== undefined ? names : this.#fs.readdirSync(this.#directory)
        const files = newestGeneration(listed, this.slot)
        // A list can lack both the old files and the new ones, if the owner replaced them meanwhile. The next cannot.
        const readsLive = files?.generation !== ownGeneration
        if (attempt === 0 && (files === null || (readsLive && files.epochs.length === 0))) continue
        if (files === null) return NO_SLOT
        const base = yield * attemptPart(this.#readBase(files, arena), found)
        const live = readsLive ? yield * attemptPart(this.#readLive(files, arena), found) : null
        problems.push(...found)
        return { generation: files.generation, base, live }
      } catch (error) {
        problem = fileProblemOf(error)
      }
    }
    problems.push(problem!) // each attempt but the first returned or threw one
    return NO_SLOT
  }

  * #readBase ({ generation }: GenerationFiles, arena: NumberArena): Generator<void, UndecodedPart> {
    const file = this.#open(baseFileName(this.slot, generation))
    try {
      const header = readBaseHeader(file)
      const log = this.#logOf('base', `${generation} ${header.nonce}`, header.logLength)
      const bytes = readBaseLog(file, header, log.decoded)
      return { log, bytes, numbers: yield * readBaseNumbers(file, header, arena), writtenAt: file.writtenAt }
    } finally {
      file.close()
    }
  }

  /** Reads the newest epoch that has values; `null` if none has. */
  * #readLive ({ generation, epochs }: GenerationFiles, arena: NumberArena): Generator<void, UndecodedPart | null> {
    for (const epoch of epochs) {
      const names = epochFileNames(this.slot, generation, epoch)
      const files = openAll(names.map(name => () => this.#open(name)))
      const [labels, even, odd] = files as [InputFile, InputFile, InputFile] // one for each name
      try {
        const values = yield * readValues([even, odd], arena)
        if (values !== null) return this.#readLabels(labels, `${generation} ${epoch}`, values)
      } finally {
        for (const file of files) file.close()
      }
    }
    return null
  }

  #readLabels (file: InputFile, epoch: string, { nonce, logLength, numbers, writtenAt }: Values): UndecodedPart {
    if (nonceOf('labels', file.readBytes(0, PREFIX_BYTES)) !== nonce) {
      throw new FileProblem('malformed', 'the labels log and the values do not belong together')
    }
    const log = this.#logOf('live', `${epoch} ${nonce}`, logLength)
    const bytes = file.readBytes(PREFIX_BYTES + log.decoded, logLength - log.decoded)
    return { log, bytes, numbers, writtenAt }
  }

  * #decode (name: PartName, part: UndecodedPart | null, problems: FileProblem[]): Generator<void, FamilySnapshot[]> {
    if (part === null) {
      this.#forget(name)
      return []
    }
    try {
      yield * part.log.decode(part.bytes)
      return yield * part.log.snapshots(part.numbers)
    } catch (error) {
      problems.push(fileProblemOf(error))
      this.#forget(name)
      return []
    }
  }

  /** The decoded part of a log; an empty one if another log was decoded, or more of this one than is wanted. */
  #logOf (name: PartName, key: string, logLength: number): DecodedLog {
    const cached = this.#cached[name]
    if (cached?.key === key && cached.log.decoded <= logLength) return cached.log
    this.#forget(name)
    const log = new DecodedLog(this.#labels)
    this.#cached[name] = { key, log }
    return log
  }

  #forget (name: PartName): void {
    this.#cached[name]?.log.dispose()
    this.#cached[name] = null
  }

  #open (name: string): InputFile {
    return new InputFile(this.#fs, join(this.#directory, name))
  }
}

/** Reads a part of a slot; reports why it cannot be used, unless a file of it is missing. */
function * attemptPart (
  steps: Generator<void, UndecodedPart | null>, problems: FileProblem[]
): Generator<void, UndecodedPart | null> {
  try {
    return yield * steps
  } catch (error) {
    const problem = fileProblemOf(error)
    if (problem.reason === 'missing') throw problem
    problems.push(problem)
    return null
  }
}

import { carriedFileName, samplesFileName } from './file-names.js'
import { FileProblem, fileProblemOf, isTemporary } from './file-problem.js'
import type { FileSystem } from './file-system.js'
import type { SamplesPart, SlotSamples } from './merge-samples.js'
import { readSamplesFile } from './samples-file.js'
import type { ReadSamples } from './samples-file.js'
import type { DatedFamily } from './samples-format.js'
import { highestGeneration, readNames } from './slot-names.js'
import type { SlotFiles } from './slot-names.js'
import type { OwnedSlot, Slot } from './slots.js'

/** How often files are read that are deleted meanwhile, which a takeover of the slot does. */
const ATTEMPTS = 5

/** A slot as `listSlots` describes it. */
export type ListedSlot = Pick<Slot, 'slot' | 'generation' | 'isOwned' | 'files'>

/** Why samples of a slot are missing. */
export interface SamplesProblem {
  readonly slot: number
  readonly problem: FileProblem
}

export interface SamplesOfSlots {
  readonly slots: readonly SlotSamples[]
  readonly problems: readonly SamplesProblem[]
}

/** What was read of the files of a slot. */
interface ReadSlot {
  readonly generation: number
  readonly parts: readonly SamplesPart[]
  readonly problems: readonly FileProblem[]
  /** Whether a file was missing: it does not exist, or a takeover of the slot has deleted it. */
  readonly isIncomplete: boolean
}

/**
 * Reads the samples of slots while their owners replace them. It trusts nothing in the files. It keeps what it has read
 * until the files are replaced. Several calls may be in progress.
 */
export class SamplesReader {
  readonly #directory: string
  readonly #fs: FileSystem
  readonly #read = new Map<string, ReadSamples>()
  /** What the files of each slot had when all of them could be read. */
  readonly #complete = new Map<number, ReadSlot>()

  constructor (directory: string, fs: FileSystem) {
    this.#directory = directory
    this.#fs = fs
  }

  /**
   * Reads the slots, but not what `own` has written. Reports a file that cannot be used. While files of a slot cannot
   * be read, it has its last samples: otherwise sums would decrease. Pauses regularly.
   */
  * read (
    slots: readonly ListedSlot[], own: Pick<OwnedSlot, 'slot' | 'generation'> | null
  ): Generator<void, SamplesOfSlots> {
    const found = new Map<number, ReadSlot>()
    let pending = slots
    let files: ReadonlyMap<number, SlotFiles> = new Map(slots.map(({ slot, files }) => [slot, files]))
    for (let attempt = 0; pending.length > 0 && attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) files = readNames(this.#directory).slots
      const incomplete: ListedSlot[] = []
      for (const listed of pending) {
        const generation = highestGeneration(files.get(listed.slot)?.carried ?? [])
        // A takeover writes what it carries before it deletes files. So the files do not exist.
        if (found.get(listed.slot)?.generation === generation) continue
        const isOwn = own?.slot === listed.slot && own.generation === generation
        const slot = yield * this.#readSlot(listed, generation, isOwn)
        found.set(listed.slot, slot)
        if (slot.isIncomplete) incomplete.push(listed)
      }
      pending = incomplete
    }
    this.#forgetOthers(found)
    const deleted = new Set(pending.map(({ slot }) => slot))
    for (const listed of slots) this.#useLast(found, listed, deleted.has(listed.slot))
    const problems = [...found].flatMap(([slot, { problems }]) => problems.map(problem => ({ slot, problem })))
    for (const { slot } of pending) {
      problems.push({ slot, problem: new FileProblem('missing', 'its files were deleted during each attempt') })
    }
    return { slots: [...found].map(([slot, { parts }]) => ({ slot, parts })), problems }
  }

  * #readSlot ({ slot, ...listed }: ListedSlot, generation: number, isOwn: boolean): Generator<void, ReadSlot> {
    if (generation === 0) return { generation, parts: [], problems: [], isIncomplete: true }
    const problems: FileProblem[] = []
    const carried = yield * this.#readFile(carriedFileName(slot, generation), problems)
    const samples = isOwn ? [] : yield * this.#readFile(samplesFileName(slot, generation), problems)
    // The owner may have the slot, but not have inherited its samples yet.
    const isLiving = listed.isOwned && listed.generation === generation
    return {
      generation,
      parts: [{ families: carried ?? [], isLiving: false }, { families: samples ?? [], isLiving }],
      problems,
      isIncomplete: carried === null || samples === null
    }
  }

  /** Returns the families of a file; `null` if it does not exist. */
  * #readFile (name: string, problems: FileProblem[]): Generator<void, readonly DatedFamily[] | null> {
    try {
      const read = yield * readSamplesFile({ fs: this.#fs, directory: this.#directory, name }, this.#read.get(name))
      this.#read.set(name, read)
      if (read.problem !== null) problems.push(read.problem)
      return read.families
    } catch (error) {
      const problem = fileProblemOf(error)
      if (problem.reason === 'missing') return null
      problems.push(problem)
      return []
    }
  }

  /** Replaces what is missing of a slot by what it had before. */
  #useLast (found: Map<number, ReadSlot>, { slot, generation, isOwned }: ListedSlot, isDeleted: boolean): void {
    const read = found.get(slot)! // each slot was read
    if (!isDeleted && !read.problems.some(isTemporary)) {
      this.#complete.set(slot, read)
      return
    }
    const last = this.#complete.get(slot)
    if (last === undefined) return
    const isLiving = isOwned && generation === last.generation
    const parts = last.parts.map(part => ({ ...part, isLiving: part.isLiving && isLiving }))
    found.set(slot, { ...read, parts })
  }

  #forgetOthers (found: ReadonlyMap<number, ReadSlot>): void {
    for (const slot of this.#complete.keys()) if (!found.has(slot)) this.#complete.delete(slot)
    const names = new Set([...found].flatMap(([slot, { generation }]) =>
      [carriedFileName(slot, generation), samplesFileName(slot, generation)]))
    for (const name of this.#read.keys()) if (!names.has(name)) this.#read.delete(name)
  }
}

import type { Family } from '../series/family.js'
import { runToEnd } from '../util/run-to-end.js'
import { checkedCount, headerPrefix, nonceOf, PREFIX_BYTES } from './file-header.js'
import { FileProblem, fileProblemOf } from './file-problem.js'
import { openAll, OutputFile } from './file-system.js'
import type { FileSystem, InputFile } from './file-system.js'
import { MAX_LOG_BYTES } from './labels-log.js'
import type { NumberArena } from './number-arena.js'

/** The most numbers of a slot that are read; 128 MiB. */
export const MAX_NUMBERS = 2 ** 24

/** How often a file is read that its owner writes to meanwhile. The last attempt does not pause. */
const ATTEMPTS = 10

/** The positions in the header: after the common part the sequence, the length of the labels log, and the count. */
const SEQUENCE = PREFIX_BYTES
const COUNTS = SEQUENCE + 8
const HEADER_BYTES = COUNTS + 16

/** The two files with the values of an epoch. */
export type ValueFiles<File> = readonly [even: File, odd: File]

/** The numbers of a slot at one moment. */
export interface Values {
  /** Increases with each write; from 1 on. */
  readonly sequence: number
  /** The nonce of the labels log that the values belong to. */
  readonly nonce: number
  /** The length of the part of the labels log that the values belong to, without its header, in bytes. */
  readonly logLength: number
  /** For each family, in the order of the log: its number of indices, and the numbers of these. */
  readonly numbers: Float64Array
  /** When they were written, in milliseconds since the epoch. */
  readonly writtenAt: number
}

/** The numbers of families as blocks to write, for each family after their number of indices. */
export function numberBlocks (families: readonly Family[]): Float64Array[] {
  const blocks: Float64Array[] = []
  for (const { table: { pages } } of families) {
    blocks.push(Float64Array.of(pages.length))
    const lastPage = pages.length >> pages.shift
    for (let i = 0; i < lastPage; i++) blocks.push(pages.pages[i]!.numbers) // a page that is full
    const rest = pages.length & pages.mask
    if (rest > 0) blocks.push(pages.pages[lastPage]!.numbers.subarray(0, rest * pages.width)) // has the rest
  }
  return blocks
}

/** How many numbers blocks have. */
export function countOf (blocks: readonly Float64Array[]): number {
  return blocks.reduce((count, { length }) => count + length, 0)
}

/**
 * Writes the values of an epoch to two files in turn, each time to the one with the older values. A process that is
 * killed in the middle of a write leaves the other file complete.
 */
export class ValuesWriter {
  readonly #files: readonly OutputFile[]
  #sequence = 0

  /** Creates both files, without values. */
  constructor (fs: FileSystem, { paths, nonce }: { readonly paths: ValueFiles<string>, readonly nonce: number }) {
    this.#files = openAll(paths.map(path => () => new OutputFile(fs, path)))
    try {
      const header = [headerPrefix('values', nonce), Float64Array.of(0, 0, 0)]
      for (const file of this.#files) file.write(header, 0)
    } catch (error) {
      this.close()
      throw error
    }
  }

  get haveNames (): boolean {
    return this.#files.every(file => file.hasName)
  }

  /** Writes values. If it throws, the values of the last write stay. */
  write (logLength: number, blocks: readonly Float64Array[]): void {
    const sequence = this.#sequence + 1
    const file = this.#files[sequence & 1]! // 0 or 1
    const header = Float64Array.of(logLength, countOf(blocks))
    file.write([header, ...blocks], COUNTS)
    // From here on readers use this file.
    file.write([Float64Array.of(sequence)], SEQUENCE)
    this.#sequence = sequence
  }

  close (): void {
    for (const file of this.#files) file.close()
  }
}

/**
 * Reads the newest values; `null` if there are none yet. Pauses regularly if there are many. Their owner may
 * write meanwhile: the values are complete if afterwards the sequence of their file is the same and that of the other
 * file is not higher, since their owner begins to write to a file only when the other one has the higher sequence.
 * @throws FileProblem if a file breaks a rule, or if its owner wrote during each attempt
 */
export function * readValues (files: ValueFiles<InputFile>, arena: NumberArena): Generator<void, Values | null> {
  let numbers = arena.take(0)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = sequencesOf(files)
    const newest = before[1] > before[0] ? 1 : 0
    const sequence = before[newest]
    const file = files[newest]
    if (sequence === 0) return null
    // What is read here may be torn, so a problem counts only if the owner did not write meanwhile.
    let values: Values | FileProblem
    try {
      const { nonce, logLength, count } = readHeader(file)
      if (count !== numbers.length) numbers = arena.take(count)
      const steps = file.readNumbers(numbers, HEADER_BYTES)
      if (attempt < ATTEMPTS - 1) yield * steps
      else runToEnd(steps)
      values = { sequence, nonce, logLength, numbers, writtenAt: file.writtenAt }
    } catch (error) {
      values = fileProblemOf(error)
    }
    const after = sequencesOf(files)
    if (after[newest] !== sequence || after[1 - newest]! > sequence) continue // two files
    if (values instanceof FileProblem) throw values
    return values
  }
  throw new FileProblem('busy', `its owner wrote to it ${ATTEMPTS} times`)
}

function readHeader (file: InputFile): { nonce: number, logLength: number, count: number } {
  const header = file.readBytes(0, HEADER_BYTES)
  const nonce = nonceOf('values', header)
  const logLength = checkedCount(header.readDoubleLE(COUNTS), MAX_LOG_BYTES)
  const count = checkedCount(header.readDoubleLE(COUNTS + 8), MAX_NUMBERS)
  file.checkSize(HEADER_BYTES + 8 * count)
  return { nonce, logLength, count }
}

/** The sequences of both files; 0 for one that has no header yet. */
function sequencesOf ([even, odd]: ValueFiles<InputFile>): ValueFiles<number> {
  return [sequenceOf(even), sequenceOf(odd)]
}

function sequenceOf (file: InputFile): number {
  const sequence = new Float64Array(1)
  return file.read(sequence, SEQUENCE) < sequence.byteLength ? 0 : sequence[0]! // its only number
}

import { join } from 'node:path'
import { decodeSamples } from './decode-samples.js'
import { FileProblem, fileProblemOf } from './file-problem.js'
import { InputFile } from './file-system.js'
import type { Block, FileSystem } from './file-system.js'
import { replaceFile } from './replace-file.js'
import { MAX_FILE_BYTES } from './samples-format.js'
import type { DatedFamily } from './samples-format.js'
import { temporarySlotName } from './temporary-name.js'

export interface SamplesFile {
  readonly fs: FileSystem
  readonly directory: string
  readonly name: string
}

/** What was read of a file with samples. */
export interface ReadSamples {
  /** Distinguishes the file from others of the same name. */
  readonly key: string
  readonly families: readonly DatedFamily[]
  /** Why the file cannot be used; then it has no families. */
  readonly problem: FileProblem | null
}

/**
 * Creates or replaces a file with samples.
 * @throws an error of the operating system
 */
export function writeSamplesFile ({ fs, directory, name }: SamplesFile, blocks: readonly Block[]): void {
  replaceFile(fs, { path: join(directory, name), temporaryPath: join(directory, temporarySlotName(name)) }, blocks)
}

/**
 * Reads a file with samples, unless it is the one that was read before. Pauses regularly. A file that breaks a rule
 * is not read again either.
 * @throws FileProblem, or an error of the operating system, if the file does not exist or cannot be read
 */
export function * readSamplesFile (
  { fs, directory, name }: SamplesFile, before: ReadSamples | undefined
): Generator<void, ReadSamples> {
  const { key, bytes } = readBytes(new InputFile(fs, join(directory, name)), before)
  if (bytes === null) return before! // it has the same key
  try {
    return { key, families: yield * decodeSamples(bytes), problem: null }
  } catch (error) {
    return { key, families: [], problem: fileProblemOf(error) }
  }
}

// Without a pause: an exposition that ends in a pause would leave the file open. 16 MB take 2 to 9 ms.
function readBytes (file: InputFile, before: ReadSamples | undefined): { key: string, bytes: Buffer | null } {
  try {
    const key = `${file.inode} ${file.writtenAt} ${file.size}`
    if (key === before?.key) return { key, bytes: null }
    if (file.size > MAX_FILE_BYTES) throw new FileProblem('too_large', `it has ${file.size} bytes`)
    return { key, bytes: file.readBytes(0, file.size) }
  } finally {
    file.close()
  }
}

import * as fs from 'node:fs'
import { FileProblem } from './file-problem.js'

/** The functions of `node:fs` that this folder uses; tests replace them. */
export type FileSystem = Pick<typeof fs,
  'openSync' | 'closeSync' | 'readSync' | 'writevSync' | 'fstatSync' | 'statSync' | 'readdirSync' | 'renameSync' |
  'unlinkSync'>

/** Does not wait for the writer of a pipe, and does not follow a link. Windows lacks both flags, and `|` skips them. */
const READ_FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW

/** The size of a part of a large file that is read without a pause, in bytes: about 150 µs of work. */
const PART_BYTES = 2 ** 20

export const nodeFileSystem: FileSystem = fs

/** A block of bytes to write. */
export type Block = Uint8Array | Float64Array

/** A file that is written to in place, by positions. */
export class OutputFile {
  readonly #fs: FileSystem
  readonly #fd: number

  /** Creates the file for this user alone; what it contained is discarded. */
  constructor (fs: FileSystem, path: string) {
    this.#fs = fs
    this.#fd = fs.openSync(path, 'w', 0o600)
  }

  /** Whether the file still has a name, and has not been deleted. */
  get hasName (): boolean {
    return this.#fs.fstatSync(this.#fd).nlink > 0
  }

  /**
   * Writes blocks one after another.
   * @throws for a full disk, also where the operating system only writes less than it should
   */
  write (blocks: readonly Block[], position: number): void {
    const size = blocks.reduce((sum, block) => sum + block.byteLength, 0)
    const written = this.#fs.writevSync(this.#fd, blocks, position)
    if (written === size) return
    throw Object.assign(new Error(`ENOSPC: wrote ${written} of ${size} bytes`), { code: 'ENOSPC' })
  }

  close (): void {
    this.#fs.closeSync(this.#fd)
  }
}

/** A file that is read by positions. */
export class InputFile {
  readonly size: number
  /** When the file was last written to, in milliseconds since the epoch. */
  readonly writtenAt: number
  /** Distinguishes the file from others of the same name. */
  readonly inode: number
  readonly #fs: FileSystem
  readonly #fd: number

  constructor (fs: FileSystem, path: string) {
    this.#fs = fs
    this.#fd = fs.openSync(path, READ_FLAGS)
    try {
      const stats = fs.fstatSync(this.#fd)
      if (!stats.isFile()) throw new FileProblem('foreign', 'it is not a file')
      this.size = stats.size
      this.writtenAt = stats.mtimeMs
      this.inode = stats.ino
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Reads as many bytes as the view has; returns how many the file has there, if these are fewer. */
  read (view: Block, position: number): number {
    let done = 0
    while (done < view.byteLength) {
      const read = this.#fs.readSync(this.#fd, view, done, view.byteLength - done, position + done)
      if (read === 0) break
      done += read
    }
    return done
  }

  /**
   * Reads as many bytes as the view has.
   * @throws FileProblem if the file has fewer
   */
  readFully (view: Block, position: number): void {
    const read = this.read(view, position)
    if (read < view.byteLength) throw new FileProblem('truncated', `it ends at ${position + read} bytes`)
  }

  /**
   * Reads as many numbers as the array has, and pauses regularly if there are many.
   * @throws FileProblem if the file has fewer
   */
  * readNumbers (numbers: Float64Array, position: number): Generator<void> {
    const part = PART_BYTES / numbers.BYTES_PER_ELEMENT
    for (let from = 0; from < numbers.length; from += part) {
      if (from > 0) yield
      this.readFully(numbers.subarray(from, from + part), position + from * numbers.BYTES_PER_ELEMENT)
    }
  }

  /**
   * Reads bytes for which memory is allocated only if the file has them.
   * @throws FileProblem if it does not
   */
  readBytes (position: number, size: number): Buffer {
    this.checkSize(position + size)
    const bytes = Buffer.allocUnsafe(size)
    this.readFully(bytes, position)
    return bytes
  }

  /**
   * Checks that the file has this size at least. It may be larger than when it was opened.
   * @throws FileProblem if it has not
   */
  checkSize (size: number): void {
    if (size > 0) this.readFully(new Uint8Array(1), size - 1)
  }

  close (): void {
    this.#fs.closeSync(this.#fd)
  }
}

/** Opens files: all, or none if one cannot be opened. */
export function openAll<File extends { close (): void }> (openers: ReadonlyArray<() => File>): File[] {
  const files: File[] = []
  try {
    for (const open of openers) files.push(open())
    return files
  } catch (error) {
    for (const file of files) file.close()
    throw error
  }
}

/** Deletes a file if that is possible; it stays if it is not, and is deleted with a later generation or epoch. */
export function tryUnlink (fs: FileSystem, path: string): void {
  try {
    fs.unlinkSync(path)
  } catch {}
}

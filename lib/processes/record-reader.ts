import { isUtf8 } from 'node:buffer'
import { FileProblem } from './file-problem.js'

/** Reads the values of one record; each throws a `FileProblem` if the record is too short for it. */
export class RecordReader {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor (bytes: Buffer, { at, end }: { readonly at: number, readonly end: number }) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  byte (): number {
    return this.#bytes[this.#advance(1)]! // within the record, as below
  }

  integer (): number {
    return this.#bytes.readUInt32LE(this.#advance(4))
  }

  number (): number {
    return this.#bytes.readDoubleLE(this.#advance(8))
  }

  /** A number of values that follow. */
  count (limit: number): number {
    const count = this.integer()
    if (count > limit) throw new FileProblem('too_large', `${count} values where ${limit} is the limit`)
    return count
  }

  text (): string {
    const size = this.integer()
    const start = this.#advance(size)
    const text = this.#bytes.toString('utf8', start, start + size)
    // The replacement character may be in the text itself, or stand for bytes that are not UTF-8.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, start + size))) {
      throw new FileProblem('malformed', 'a text is not UTF-8')
    }
    return text
  }

  texts (count: number): string[] {
    const texts: string[] = []
    for (let i = 0; i < count; i++) texts.push(this.text())
    return texts
  }

  /** The record must have no more values. */
  finish (): void {
    if (this.#at !== this.#end) throw new FileProblem('malformed', `${this.#end - this.#at} bytes too many in a record`)
  }

  /** Where the next bytes are, which are then read. */
  #advance (bytes: number): number {
    const at = this.#at
    if (bytes > this.#end - at) throw new FileProblem('malformed', 'a record is too short')
    this.#at = at + bytes
    return at
  }
}

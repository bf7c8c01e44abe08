const NEWLINE = 10
const ZERO = 48
/** The largest whole number that `writeCount` accepts. */
export const MAX_COUNT = 2 ** 31 - 1

/** Writes text as bytes into one reusable buffer, which grows when it is too small. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor (size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  get length (): number {
    return this.#length
  }

  /** The bytes that were written since the last `clear`. The next writes after a `clear` overwrite them. */
  get written (): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Starts at the beginning of the buffer, or of another one if it is passed. Returns the buffer that was in use. */
  clear (bytes = this.#bytes): Buffer {
    const previous = this.#bytes
    this.#bytes = bytes
    this.#length = 0
    return previous
  }

  /** Reserves space for this many more bytes. Of the write methods, only `writeText` reserves space by itself. */
  reserve (size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#length + size))
    grown.set(this.written)
    this.#bytes = grown
  }

  writeText (text: string): void {
    this.reserve(3 * text.length) // UTF-8 needs at most 3 bytes per UTF-16 code unit
    this.#length += this.#bytes.write(text, this.#length)
  }

  /** For some tens of bytes or more: one call of `set` copies them. */
  writeBlock (bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** For a few bytes: copying them one by one is faster than a call of `set`. */
  writeBytes (bytes: Uint8Array): void {
    const target = this.#bytes
    let offset = this.#length
    for (let i = 0; i < bytes.length; i++) target[offset++] = bytes[i]! // i is below the length
    this.#length = offset
  }

  removeLast (): void {
    this.#length--
  }

  writeAscii (text: string): void {
    const target = this.#bytes
    let offset = this.#length
    for (let i = 0; i < text.length; i++) target[offset++] = text.charCodeAt(i)
    this.#length = offset
  }

  /** Writes a whole number from 0 to `MAX_COUNT` without making a string of it. */
  writeCount (value: number): void {
    const target = this.#bytes
    let remaining = value
    let digits = 1
    for (let limit = 10; limit <= remaining; limit *= 10) digits++
    let offset = this.#length + digits
    this.#length = offset
    do {
      const tenth = (remaining / 10) | 0
      target[--offset] = ZERO + remaining - 10 * tenth
      remaining = tenth
    } while (remaining > 0)
  }

  writeNewline (): void {
    this.#bytes[this.#length++] = NEWLINE
  }
}

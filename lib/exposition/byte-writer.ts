const NEWLINE = 10
const ZERO = 48
/** The largest whole number that `count` takes. */
export const MAX_COUNT = 2 ** 31 - 1

/** Writes text as bytes into one buffer that is used again and again, and grows for what is longer. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  constructor (size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  get length (): number {
    return this.#length
  }

  /** What was written since the last `clear`; it is written over after the next. */
  get written (): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Begins anew, in another buffer if one is given; gives the one that it leaves. */
  clear (bytes = this.#bytes): Buffer {
    const left = this.#bytes
    this.#bytes = bytes
    this.#length = 0
    return left
  }

  /** Makes room for so many more bytes; what follows, other than `text`, does not look whether there is any. */
  reserve (size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#length + size))
    grown.set(this.written)
    this.#bytes = grown
  }

  writeText (text: string): void {
    this.reserve(3 * text.length) // UTF-8 takes no more per code unit
    this.#length += this.#bytes.write(text, this.#length)
  }

  /** Some tens of bytes and more; `set` copies them at once. */
  writeBlock (bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A few bytes: a call of `set` would take longer than to copy them one by one. */
  writeBytes (bytes: Uint8Array): void {
    const target = this.#bytes
    let at = this.#length
    for (let i = 0; i < bytes.length; i++) target[at++] = bytes[i]! // within the array
    this.#length = at
  }

  /** Takes back the last byte. */
  removeLast (): void {
    this.#length--
  }

  writeAscii (text: string): void {
    const target = this.#bytes
    let at = this.#length
    for (let i = 0; i < text.length; i++) target[at++] = text.charCodeAt(i)
    this.#length = at
  }

  /** A whole number from 0 to `MAX_SMALL`, without a string of it. */
  writeCount (value: number): void {
    const target = this.#bytes
    let rest = value
    let digits = 1
    for (let limit = 10; limit <= rest; limit *= 10) digits++
    let at = this.#length + digits
    this.#length = at
    do {
      const tenth = (rest / 10) | 0
      target[--at] = ZERO + rest - 10 * tenth
      rest = tenth
    } while (rest > 0)
  }

  writeNewline (): void {
    this.#bytes[this.#length++] = NEWLINE
  }
}

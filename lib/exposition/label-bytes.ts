import type { LabelValues } from '../series/label-values.js'

/** The encoded values of one page, one after another. */
interface EncodedPage {
  bytes: Uint8Array
  /** The offset at which each value begins, and after these the offset at which the last one ends. */
  readonly starts: Uint32Array
  /** How many values are encoded, from the first on. */
  filled: number
  /** The version of the page's values when they were encoded. */
  version: number
}

/** The size of a page at first, in bytes. It is small, since many labels have few values. */
const FIRST_SIZE = 256

/**
 * The values of a label as bytes. They are encoded on first use, and again for a page in which a value was replaced.
 * One array contains all values of a page: each array has an overhead of about 100 B, and the processor prefetches
 * memory that is read in order.
 */
export class LabelBytes {
  readonly #values: LabelValues
  readonly #encode: (text: string) => Uint8Array
  readonly #pages: EncodedPage[] = []

  /** `encode` returns the bytes of a value. */
  constructor (values: LabelValues, encode: (text: string) => Uint8Array) {
    this.#values = values
    this.#encode = encode
  }

  /** The length of the value with this id, in bytes. */
  lengthOf (id: number): number {
    const { starts } = this.#pageOf(id)
    const slot = id & this.#values.mask
    return starts[slot + 1]! - starts[slot]! // within the array
  }

  /** Copies a value to `target` and returns the offset after it. Call `lengthOf` for the value first. */
  copyTo (id: number, target: Uint8Array, offset: number): number {
    const { bytes, starts } = this.#pages[id >> this.#values.shift]! // created by `lengthOf`
    const slot = id & this.#values.mask
    const end = starts[slot + 1]! // within the array
    // One by one: to copy a part of an array with one call, an object must be created for the part.
    for (let i = starts[slot]!; i < end; i++) target[offset++] = bytes[i]! // within the array
    return offset
  }

  #pageOf (id: number): EncodedPage {
    const { mask, shift } = this.#values
    const page = this.#pages[id >> shift] ??= {
      bytes: new Uint8Array(0),
      starts: new Uint32Array(mask + 2),
      filled: 0,
      version: 0
    }
    const version = this.#values.versionOf(id)
    if (page.version !== version) {
      page.version = version
      page.filled = 0
    }
    // The values before it are encoded first, since their bytes precede it.
    while (page.filled <= (id & mask)) this.#add(page, this.#encode(this.#values.valueById((id & ~mask) + page.filled)))
    return page
  }

  #add (page: EncodedPage, value: Uint8Array): void {
    const start = page.starts[page.filled]! // within the array
    const end = start + value.length
    if (end > page.bytes.length) {
      // Grows by what the page contains, not by this value: one long value does not predict the next.
      const grown = new Uint8Array(Math.max(2 * page.bytes.length, end, FIRST_SIZE))
      grown.set(page.bytes)
      page.bytes = grown
    }
    page.bytes.set(value, start)
    page.starts[++page.filled] = end
    if (page.filled > this.#values.mask) page.bytes = page.bytes.slice(0, end) // full: release the unused capacity
  }
}

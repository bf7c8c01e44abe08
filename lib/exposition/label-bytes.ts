import type { LabelValues } from '../series/label-values.js'

/** The values of one page, behind one another. */
interface Page {
  bytes: Uint8Array
  /** Where each value begins, and behind them where the last ends. */
  readonly starts: Uint32Array
  /** How many values are here: the first ones. */
  filled: number
  /** The version of the page of which these are. */
  version: number
}

/** Bytes of a page at first: many labels have few values. */
const FIRST_SIZE = 256

/**
 * The values of a label as bytes, made when they are first asked for, and again for a page of which a value has gone. One array
 * holds those of a page: each array takes a hundred bytes beside its own, and memory that is read in order is read ahead.
 */
export class LabelBytes {
  readonly #values: LabelValues
  readonly #encode: (text: string) => Uint8Array
  readonly #pages: Page[] = []

  /** `make` gives the bytes of a value. */
  constructor (values: LabelValues, encode: (text: string) => Uint8Array) {
    this.#values = values
    this.#encode = encode
  }

  /** How many bytes a value is, by its number. */
  lengthOf (id: number): number {
    const { starts } = this.#pageOf(id)
    const slot = id & this.#values.mask
    return starts[slot + 1]! - starts[slot]! // within the array
  }

  /** Copies a value, of which the length was just asked for, to a place in `target`, and gives the place behind it. */
  copyTo (id: number, target: Uint8Array, offset: number): number {
    const { bytes, starts } = this.#pages[id >> this.#values.shift]! // it was asked for
    const slot = id & this.#values.mask
    const end = starts[slot + 1]! // within the array
    // One by one: to copy a part of an array at once wants an object for it.
    for (let i = starts[slot]!; i < end; i++) target[offset++] = bytes[i]! // within the array
    return offset
  }

  #pageOf (id: number): Page {
    const { mask, shift } = this.#values
    const page = this.#pages[id >> shift] ??= { bytes: new Uint8Array(0), starts: new Uint32Array(mask + 2), filled: 0, version: 0 }
    const version = this.#values.versionOf(id)
    if (page.version !== version) {
      page.version = version
      page.filled = 0
    }
    // Those before it, too, since they lie before it.
    while (page.filled <= (id & mask)) this.#add(page, this.#encode(this.#values.textOf((id & ~mask) + page.filled)))
    return page
  }

  #add (page: Page, value: Uint8Array): void {
    const start = page.starts[page.filled]! // within the array
    const end = start + value.length
    if (end > page.bytes.length) {
      // By what is there: one long value says nothing of the next.
      const grown = new Uint8Array(Math.max(2 * page.bytes.length, end, FIRST_SIZE))
      grown.set(page.bytes)
      page.bytes = grown
    }
    page.bytes.set(value, start)
    page.starts[++page.filled] = end
    if (page.filled > this.#values.mask) page.bytes = page.bytes.slice(0, end) // full, without the room to grow
  }
}

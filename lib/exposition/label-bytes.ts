import type { Pages } from '../series/pages.js'

/** The labels of the series of one page, behind one another. */
interface BytesOfPage {
  bytes: Uint8Array
  /** Where the labels of each series begin, and behind them where those of the last end. */
  readonly starts: Uint32Array
  /** How many series have their labels here: the first ones. */
  filled: number
  /** The version of the page of which these are. */
  version: number
}

/** Bytes of a page at first: few applications need more for the labels of few series. */
const FIRST_SIZE = 4096

/**
 * The labels of the series of a family as bytes, made when they are first asked for, and again for a page of which a series
 * has ended. One array holds those of a page: each array takes a hundred bytes beside its own, and memory that is read in
 * order is read ahead.
 */
export class LabelBytes {
  readonly #source: Pages
  readonly #make: (place: number) => Uint8Array
  readonly #pages: BytesOfPage[] = []

  /** `make` gives the labels of a series at a place; they are nothing where none is. */
  constructor (source: Pages, make: (place: number) => Uint8Array) {
    this.#source = source
    this.#make = make
  }

  /** How many bytes the labels of the series at a place are. */
  lengthOf (place: number): number {
    const { starts } = this.#pageOf(place)
    const slot = place & this.#source.mask
    return starts[slot + 1]! - starts[slot]! // within the array
  }

  /** Copies the labels of a series, of which the length was just asked for, to a place in `target`. */
  copy (place: number, target: Uint8Array, at: number): void {
    const { bytes, starts } = this.#pages[place >> this.#source.shift]! // it was asked for
    const slot = place & this.#source.mask
    const end = starts[slot + 1]! // within the array
    // One by one: to copy a part of an array at once wants an object for it.
    for (let from = starts[slot]!; from < end; from++) target[at++] = bytes[from]! // within the array
  }

  #pageOf (place: number): BytesOfPage {
    const { mask, shift } = this.#source
    const page = this.#pages[place >> shift] ??= { bytes: new Uint8Array(0), starts: new Uint32Array(mask + 2), filled: 0, version: 0 }
    const { version } = this.#source.pageOf(place)
    if (page.version !== version) {
      page.version = version
      page.filled = 0
    }
    // Those before it, too, since they lie before it.
    while (page.filled <= (place & mask)) this.#add(page, this.#make((place & ~mask) + page.filled))
    return page
  }

  #add (page: BytesOfPage, labels: Uint8Array): void {
    const start = page.starts[page.filled]! // within the array
    const end = start + labels.length
    if (end > page.bytes.length) {
      // By what is there: one long series says nothing of the next.
      const grown = new Uint8Array(Math.max(2 * page.bytes.length, end, FIRST_SIZE))
      grown.set(page.bytes)
      page.bytes = grown
    }
    page.bytes.set(labels, start)
    page.starts[++page.filled] = end
    if (page.filled > this.#source.mask) page.bytes = page.bytes.slice(0, end) // full, without the room to grow
  }
}

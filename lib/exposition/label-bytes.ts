/** Some series whose labels lie behind one another. */
interface Page {
  bytes: Uint8Array
  /** Where the labels of each series begin, and behind them where those of the last end. */
  readonly starts: Uint32Array
}

const SERIES_PER_PAGE = 128
/** Bytes of a page at first: few applications need more for the labels of few series. */
const FIRST_SIZE = 4096

/**
 * The labels of many series as bytes, in the order in which the series came. One array holds those of many: each array
 * takes a hundred bytes beside its own, and memory that is read in order is read ahead.
 */
export class LabelBytes {
  readonly #pages: Page[] = []
  #length = 0

  /** How many series have their labels here. */
  get length (): number {
    return this.#length
  }

  add (labels: Uint8Array): void {
    const place = this.#length % SERIES_PER_PAGE
    if (place === 0) {
      this.#pages.push({ bytes: new Uint8Array(FIRST_SIZE), starts: new Uint32Array(SERIES_PER_PAGE + 1) })
    }
    const page = this.#pages[this.#pages.length - 1]! // there is one from the first series on
    const start = page.starts[place]! // within the array
    const end = start + labels.length
    if (end > page.bytes.length) {
      // By what is there: one long series says nothing of the next.
      const grown = new Uint8Array(Math.max(2 * page.bytes.length, end))
      grown.set(page.bytes)
      page.bytes = grown
    }
    page.bytes.set(labels, start)
    page.starts[place + 1] = end
    if (place === SERIES_PER_PAGE - 1) page.bytes = page.bytes.slice(0, end) // full, without the room to grow
    this.#length++
  }

  /** How many bytes the labels of a series are. */
  lengthOf (i: number): number {
    const { starts } = this.#pages[Math.floor(i / SERIES_PER_PAGE)]! // for a series that was added
    const place = i % SERIES_PER_PAGE
    return starts[place + 1]! - starts[place]! // within the array
  }

  /** Copies the labels of a series to a place in `target`. */
  copy (i: number, target: Uint8Array, at: number): void {
    const { bytes, starts } = this.#pages[Math.floor(i / SERIES_PER_PAGE)]! // as above
    const place = i % SERIES_PER_PAGE
    const end = starts[place + 1]! // within the array
    // One by one: to copy a part of an array at once wants an object for it.
    for (let from = starts[place]!; from < end; from++) target[at++] = bytes[from]! // within the array
  }
}

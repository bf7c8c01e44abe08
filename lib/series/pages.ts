/** The numbers of up to 128 series in one typed array: each typed array takes 200 B in addition to its numbers. */
export interface Page {
  readonly numbers: Float64Array
  /** The generation of the series in each slot; `FREE` for a slot without a series. */
  readonly generations: Uint32Array
  /** When each series was last written to, in milliseconds; `null` if series do not expire. */
  readonly lastWrites: Float64Array | null
}

/** The size of a family. */
export interface PagesOptions {
  /** How many numbers a series has. */
  readonly width: number
  /** The most series that the family can have. A page is not made larger than this. */
  readonly limit: number
  /** Whether to store when each series was last written to. */
  readonly tracksWrites: boolean
}

const FREE = 0
/** The largest number in `generations`. */
const MAX_GENERATION = 2 ** 32 - 1
/** A page has at most 2 ** 7 = 128 series. */
const MAX_SHIFT = 7

/**
 * The numbers of all series of a family. They are in pages that never move, so code that has a page and an offset can
 * write there. The index of a series that was removed is reused by a later series. The generation of a series
 * distinguishes it from a later one at the same index: it is a counter that increases with every series.
 */
export class Pages {
  readonly pages: Page[] = []
  /** A series is on the page `index >> shift`, in its slot `index & mask`. */
  readonly shift: number
  readonly mask: number
  /** How many numbers a series has. */
  readonly width: number
  /** All indices that have or had a series are below this. */
  length = 0
  /** The generation of the latest series. */
  latestGeneration = FREE
  /** Counts the series that began or ended: as long as it stays the same, so do the generations. */
  changes = 0
  readonly #tracksWrites: boolean
  readonly #freeIndices: number[] = []

  constructor ({ width, limit, tracksWrites }: PagesOptions) {
    this.width = width
    this.shift = Math.min(MAX_SHIFT, Math.ceil(Math.log2(limit)))
    this.mask = 2 ** this.shift - 1
    this.#tracksWrites = tracksWrites
  }

  /** The number of series. */
  get size (): number {
    return this.length - this.#freeIndices.length
  }

  /** The page of an index below `length`. */
  pageOf (index: number): Page {
    return this.pages[index >> this.shift]!
  }

  /** The generation of the series at an index; 0 if there is none. */
  generationAt (index: number): number {
    return this.pageOf(index).generations[index & this.mask]! // within the array
  }

  /** Whether an index has a series whose generation is at most `latestGeneration`. */
  has (index: number, latestGeneration: number): boolean {
    const generation = this.generationAt(index)
    return generation !== FREE && generation <= latestGeneration
  }

  /** Adds a series whose numbers are 0, and returns its index. */
  add (): number {
    const index = this.#freeIndices.pop() ?? this.length++
    if (index >> this.shift === this.pages.length) this.pages.push(this.#makePage())
    const page = this.pageOf(index)
    const slot = index & this.mask
    if (this.latestGeneration === MAX_GENERATION) this.#renumber()
    page.generations[slot] = ++this.latestGeneration
    this.changes++
    return index
  }

  /** Removes a series. */
  free (index: number): void {
    const page = this.pageOf(index)
    page.generations[index & this.mask] = FREE
    this.zero(index)
    this.changes++
    this.#freeIndices.push(index)
  }

  /** Sets the numbers of a series to 0. */
  zero (index: number): void {
    const start = (index & this.mask) * this.width
    this.pageOf(index).numbers.fill(0, start, start + this.width)
  }

  /** Numbers the generations from 1 again. This happens once in 2 ** 32 series. */
  #renumber (): void {
    this.latestGeneration = FREE
    for (let index = 0; index < this.length; index++) {
      const { generations } = this.pageOf(index)
      const slot = index & this.mask
      if (generations[slot] !== FREE) generations[slot] = ++this.latestGeneration
    }
  }

  #makePage (): Page {
    const slots = this.mask + 1
    return {
      numbers: new Float64Array(slots * this.width),
      generations: new Uint32Array(slots),
      lastWrites: this.#tracksWrites ? new Float64Array(slots) : null
    }
  }
}

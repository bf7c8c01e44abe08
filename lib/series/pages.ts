/** Some series whose numbers lie behind one another: one typed array takes 200 B beside its numbers. */
export interface Page {
  readonly numbers: Float64Array
  /** When each series began, in a count that goes up with every series; `FREE` for a place without one. */
  readonly generations: Uint32Array
  /** When each series was last written to, in milliseconds; `null` where series do not expire. */
  readonly lastWrites: Float64Array | null
}

/** What the places of a family hold. */
export interface PagesOptions {
  /** Numbers of a series. */
  readonly width: number
  /** How many series there can be: a page is not made larger than they need. */
  readonly limit: number
  /** Whether it is kept when each series was written to. */
  readonly tracksWrites: boolean
}

const FREE = 0
/** The largest number that `births` holds. */
const MAX_GENERATION = 2 ** 32 - 1
/** A page of 2 ** 7 = 128 series at most. */
const MAX_SHIFT = 7

/**
 * The places of the series of one family: their numbers, in pages that never move, so that whoever knows a page and an
 * offset can write there. A place that was freed is given to a later series.
 */
export class Pages {
  readonly pages: Page[] = []
  /** The page of a place is `place >> shift`, its slot there `place & mask`. */
  readonly shift: number
  readonly mask: number
  /** Numbers of a series. */
  readonly width: number
  /** Places that have or had a series: all are below this. */
  length = 0
  /** The birth of the latest series. */
  latestGeneration = FREE
  readonly #tracksWrites: boolean
  readonly #free: number[] = []

  constructor ({ width, limit, tracksWrites }: PagesOptions) {
    this.width = width
    this.shift = Math.min(MAX_SHIFT, Math.ceil(Math.log2(limit)))
    this.mask = 2 ** this.shift - 1
    this.#tracksWrites = tracksWrites
  }

  /** Series that there are. */
  get size (): number {
    return this.length - this.#free.length
  }

  /** The page of a place below `length`. */
  pageOf (index: number): Page {
    return this.pages[index >> this.shift]!
  }

  /** When the series at a place began; 0 where there is none. */
  generationAt (index: number): number {
    return this.pageOf(index).generations[index & this.mask]! // within the array
  }

  /** Whether there is a series at a place that began no later than with this birth. */
  has (index: number, latestGeneration: number): boolean {
    const generation = this.generationAt(index)
    return generation !== FREE && generation <= latestGeneration
  }

  /** Begins a series at 0, and gives its place. */
  add (): number {
    const index = this.#free.pop() ?? this.length++
    if (index >> this.shift === this.pages.length) this.pages.push(this.#makePage())
    const page = this.pageOf(index)
    const slot = index & this.mask
    if (this.latestGeneration === MAX_GENERATION) this.#renumber()
    page.generations[slot] = ++this.latestGeneration
    return index
  }

  /** Ends the series at a place. */
  free (index: number): void {
    const page = this.pageOf(index)
    page.generations[index & this.mask] = FREE
    this.zero(index)
    this.#free.push(index)
  }

  /** Sets the numbers of a series to 0. */
  zero (index: number): void {
    const start = (index & this.mask) * this.width
    this.pageOf(index).numbers.fill(0, start, start + this.width)
  }

  /** Lets the series that there are begin now, once in four thousand million. */
  #renumber (): void {
    this.latestGeneration = FREE
    for (let index = 0; index < this.length; index++) {
      const { generations } = this.pageOf(index)
      const slot = index & this.mask
      if (generations[slot] !== FREE) generations[slot] = ++this.latestGeneration
    }
  }

  #makePage (): Page {
    const series = this.mask + 1
    return {
      numbers: new Float64Array(series * this.width),
      generations: new Uint32Array(series),
      lastWrites: this.#tracksWrites ? new Float64Array(series) : null
    }
  }
}

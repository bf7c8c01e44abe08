/** Some series whose numbers lie behind one another: one typed array takes 200 B beside its numbers. */
export interface Page {
  readonly numbers: Float64Array
  /** When each series began, in a count that goes up with every series; `FREE` for a place without one. */
  readonly births: Uint32Array
  /** When each series was last written to, in milliseconds; `null` where series do not expire. */
  readonly writes: Float64Array | null
}

/** What the places of a family hold. */
export interface PagesOptions {
  /** Numbers of a series. */
  readonly width: number
  /** How many series there can be: a page is not made larger than they need. */
  readonly limit: number
  /** Whether it is kept when each series was written to. */
  readonly keepsWrites: boolean
}

const FREE = 0
/** The largest number that `births` holds. */
const LAST_BIRTH = 2 ** 32 - 1
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
  latestBirth = FREE
  readonly #keepsWrites: boolean
  readonly #free: number[] = []

  constructor ({ width, limit, keepsWrites }: PagesOptions) {
    this.width = width
    this.shift = Math.min(MAX_SHIFT, Math.ceil(Math.log2(limit)))
    this.mask = 2 ** this.shift - 1
    this.#keepsWrites = keepsWrites
  }

  /** Series that there are. */
  get size (): number {
    return this.length - this.#free.length
  }

  /** The page of a place below `length`. */
  pageOf (place: number): Page {
    return this.pages[place >> this.shift]!
  }

  /** When the series at a place began; 0 where there is none. */
  birthAt (place: number): number {
    return this.pageOf(place).births[place & this.mask]! // within the array
  }

  /** Whether there is a series at a place that began no later than with this birth. */
  has (place: number, latestBirth: number): boolean {
    const birth = this.birthAt(place)
    return birth !== FREE && birth <= latestBirth
  }

  /** Begins a series at 0, and gives its place. */
  add (): number {
    const place = this.#free.pop() ?? this.length++
    if (place >> this.shift === this.pages.length) this.pages.push(this.#makePage())
    const page = this.pageOf(place)
    const slot = place & this.mask
    if (this.latestBirth === LAST_BIRTH) this.#countAnew()
    page.births[slot] = ++this.latestBirth
    return place
  }

  /** Ends the series at a place. */
  free (place: number): void {
    const page = this.pageOf(place)
    page.births[place & this.mask] = FREE
    this.zero(place)
    this.#free.push(place)
  }

  /** Sets the numbers of a series to 0. */
  zero (place: number): void {
    const start = (place & this.mask) * this.width
    this.pageOf(place).numbers.fill(0, start, start + this.width)
  }

  /** Lets the series that there are begin now, once in four thousand million. */
  #countAnew (): void {
    this.latestBirth = FREE
    for (let place = 0; place < this.length; place++) {
      const { births } = this.pageOf(place)
      const slot = place & this.mask
      if (births[slot] !== FREE) births[slot] = ++this.latestBirth
    }
  }

  #makePage (): Page {
    const series = this.mask + 1
    return {
      numbers: new Float64Array(series * this.width),
      births: new Uint32Array(series),
      writes: this.#keepsWrites ? new Float64Array(series) : null
    }
  }
}

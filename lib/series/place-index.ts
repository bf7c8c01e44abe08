import type { Pages } from './pages.js'

const EMPTY = 0
const FIRST_SIZE = 8
/** The share of the table that is filled at most. */
const FULL = 0.8

/**
 * Finds the place of a series by the numbers of its label values. It keeps no keys: what it compares lies with the series, so
 * that a series takes 5 to 10 B here, and to find one builds nothing.
 */
export class PlaceIndex {
  readonly #pages: Pages
  readonly #labels: number
  /** Each place plus one, where its hash says or behind that. */
  #table = new Int32Array(FIRST_SIZE)
  #size = 0

  constructor (pages: Pages, labels: number) {
    this.#pages = pages
    this.#labels = labels
  }

  /** The place of the series with these values; -1 if there is none. */
  find (values: Int32Array): number {
    const table = this.#table
    const mask = table.length - 1
    let hash = 0
    for (let k = 0; k < this.#labels; k++) hash = mix(hash, values[k]!) // as many as labels
    let at = finish(hash) & mask
    while (table[at] !== EMPTY && !this.#has(table[at]! - 1, values)) at = (at + 1) & mask // a part of it is always empty
    return table[at]! - 1
  }

  add (place: number): void {
    if (this.#size + 1 > FULL * this.#table.length) this.#grow()
    this.#size++
    this.#put(place)
  }

  delete (place: number): void {
    const table = this.#table
    const mask = table.length - 1
    let at = this.#hashAt(place) & mask
    while (table[at] !== place + 1) at = (at + 1) & mask
    // What follows moves up where it may, so that no look-up ends at a gap before it.
    for (let next = (at + 1) & mask; table[next] !== EMPTY; next = (next + 1) & mask) {
      const home = this.#hashAt(table[next]! - 1) & mask // within the array
      if (((next - home) & mask) < ((next - at) & mask)) continue
      table[at] = table[next]! // likewise
      at = next
    }
    table[at] = EMPTY
    this.#size--
  }

  #has (place: number, values: Int32Array): boolean {
    const labels = this.#labels
    const page = this.#pages.pageOf(place)
    const start = (place & this.#pages.mask) * labels
    for (let k = 0; k < labels; k++) {
      if (page.values[start + k] !== values[k]) return false
    }
    return true
  }

  #hashAt (place: number): number {
    let hash = 0
    for (let k = 0; k < this.#labels; k++) hash = mix(hash, this.#pages.valueAt(place, k))
    return finish(hash)
  }

  #put (place: number): void {
    const mask = this.#table.length - 1
    let at = this.#hashAt(place) & mask
    while (this.#table[at] !== EMPTY) at = (at + 1) & mask
    this.#table[at] = place + 1
  }

  #grow (): void {
    const places = this.#table.filter(place => place !== EMPTY)
    this.#table = new Int32Array(2 * this.#table.length)
    for (const place of places) this.#put(place - 1)
  }
}

// Numbers of values are small and dense; multiplied by a large odd number they spread, and the upper bits reach the lower.
function mix (hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x9e3779b1)
}

function finish (hash: number): number {
  return hash ^ (hash >>> 15)
}

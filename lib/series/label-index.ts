const EMPTY = 0
const FIRST_SIZE = 8
/** The share of the table that is filled at most. */
const FULL = 0.8

/**
 * The values of the labels of series by their places, and the places by the values, all as numbers. It keeps no keys: a series takes
 * 4 B for each label and 5 to 10 B to be found, and to find one builds nothing.
 */
export class LabelIndex {
  readonly #labels: number
  /** The values of each series, one behind the other. */
  #values: Int32Array
  /** Each place plus one, where the hash of its values says or behind that. */
  #table = new Int32Array(FIRST_SIZE)
  #size = 0

  /** `labels` is how many a series has. */
  constructor (labels: number) {
    this.#labels = labels
    this.#values = new Int32Array(FIRST_SIZE * labels)
  }

  /** The number of the value of a label of the series at a place. */
  valueIdAt (index: number, label: number): number {
    return this.#values[index * this.#labels + label]! // of a series that was added
  }

  /** The place of the series with these values; -1 if there is none. */
  find (wanted: Int32Array): number {
    const table = this.#table
    const mask = table.length - 1
    const values = this.#values
    const labels = wanted.length
    let hash = 0
    for (let k = 0; k < labels; k++) hash = mix(hash, wanted[k]!) // below its length
    let at = finish(hash) & mask
    for (; table[at] !== EMPTY; at = (at + 1) & mask) { // a part of it is always empty
      const start = (table[at]! - 1) * labels
      let k = 0
      while (k < labels && values[start + k] === wanted[k]) k++
      if (k === labels) break
    }
    return table[at]! - 1
  }

  /** Adds the series at a place, by its values. */
  add (index: number, values: ArrayLike<number>): void {
    const start = index * this.#labels
    if (start + this.#labels > this.#values.length) this.#values = grown(this.#values)
    this.#values.set(values, start)
    if (this.#size + 1 > FULL * this.#table.length) this.#enlarge()
    this.#size++
    this.#put(index)
  }

  delete (index: number): void {
    const table = this.#table
    const mask = table.length - 1
    let at = this.#hashAt(index) & mask
    while (table[at] !== index + 1) at = (at + 1) & mask
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

  #hashAt (index: number): number {
    let hash = 0
    for (let k = 0; k < this.#labels; k++) hash = mix(hash, this.valueIdAt(index, k))
    return finish(hash)
  }

  #put (index: number): void {
    const mask = this.#table.length - 1
    let at = this.#hashAt(index) & mask
    while (this.#table[at] !== EMPTY) at = (at + 1) & mask
    this.#table[at] = index + 1
  }

  #enlarge (): void {
    const indices = this.#table.filter(index => index !== EMPTY)
    this.#table = new Int32Array(2 * this.#table.length)
    for (const index of indices) this.#put(index - 1)
  }
}

/** Twice as long, with what was there. */
function grown (array: Int32Array): Int32Array {
  const longer = new Int32Array(2 * array.length)
  longer.set(array)
  return longer
}

// Numbers of values are small and dense; multiplied by a large odd number they spread, and the upper bits reach the lower.
function mix (hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x9e3779b1)
}

function finish (hash: number): number {
  return hash ^ (hash >>> 15)
}

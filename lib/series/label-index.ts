const EMPTY = 0
const INITIAL_SIZE = 8
/** The largest share of the table's slots that is used. */
const MAX_LOAD = 0.8

/**
 * Finds the index of a series by its label values, and the label values by the index. All label values are value ids.
 * This is a hash table without keys: a series takes 4 B for each label and 5 to 10 B for its slots in the table, and a
 * search allocates nothing.
 */
export class LabelIndex {
  readonly #labelCount: number
  /** The value ids of all series, in the order of their indices. */
  #valueIds: Int32Array
  /** Slots with the index of a series plus 1, or `EMPTY`. A series is in the slot of its hash, or in the next free. */
  #table = new Int32Array(INITIAL_SIZE)
  #size = 0

  /** `labelCount` is the number of labels of each series. */
  constructor (labelCount: number) {
    this.#labelCount = labelCount
    this.#valueIds = new Int32Array(INITIAL_SIZE * labelCount)
  }

  /** The value id of one label of a series. */
  valueIdAt (index: number, label: number): number {
    return this.#valueIds[index * this.#labelCount + label]! // the series was added
  }

  /** The index of the series with these value ids; -1 if there is none. */
  find (searchedIds: Int32Array): number {
    const table = this.#table
    const mask = table.length - 1
    const valueIds = this.#valueIds
    const labelCount = searchedIds.length
    let hash = 0
    for (let k = 0; k < labelCount; k++) hash = mix(hash, searchedIds[k]!) // within the array
    let slot = finish(hash) & mask
    for (; table[slot] !== EMPTY; slot = (slot + 1) & mask) { // some slots are always empty
      const start = (table[slot]! - 1) * labelCount
      let k = 0
      while (k < labelCount && valueIds[start + k] === searchedIds[k]) k++
      if (k === labelCount) break
    }
    return table[slot]! - 1
  }

  /** Adds a series with these value ids. */
  add (index: number, valueIds: ArrayLike<number>): void {
    const start = index * this.#labelCount
    if (start + this.#labelCount > this.#valueIds.length) this.#valueIds = doubled(this.#valueIds)
    this.#valueIds.set(valueIds, start)
    if (this.#size + 1 > MAX_LOAD * this.#table.length) this.#enlarge()
    this.#size++
    this.#put(index)
  }

  delete (index: number): void {
    const table = this.#table
    const mask = table.length - 1
    let slot = this.#hashAt(index) & mask
    while (table[slot] !== index + 1) slot = (slot + 1) & mask
    // Moves the following entries into the gap where their hashes allow it: a search would stop at an empty slot.
    for (let next = (slot + 1) & mask; table[next] !== EMPTY; next = (next + 1) & mask) {
      const home = this.#hashAt(table[next]! - 1) & mask // within the array
      if (((next - home) & mask) < ((next - slot) & mask)) continue
      table[slot] = table[next]! // within the array
      slot = next
    }
    table[slot] = EMPTY
    this.#size--
  }

  #hashAt (index: number): number {
    let hash = 0
    for (let k = 0; k < this.#labelCount; k++) hash = mix(hash, this.valueIdAt(index, k))
    return finish(hash)
  }

  #put (index: number): void {
    const mask = this.#table.length - 1
    let slot = this.#hashAt(index) & mask
    while (this.#table[slot] !== EMPTY) slot = (slot + 1) & mask
    this.#table[slot] = index + 1
  }

  #enlarge (): void {
    const entries = this.#table.filter(entry => entry !== EMPTY)
    this.#table = new Int32Array(2 * this.#table.length)
    for (const entry of entries) this.#put(entry - 1)
  }
}

/** A copy with twice the length. */
function doubled (array: Int32Array): Int32Array {
  const copy = new Int32Array(2 * array.length)
  copy.set(array)
  return copy
}

// Value ids are small and dense. A product with a large odd number differs mainly in its upper bits.
function mix (hash: number, valueId: number): number {
  return Math.imul(hash ^ valueId, 0x9e3779b1)
}

// The table uses the lower bits of a hash, so the upper bits are mixed into them.
function finish (hash: number): number {
  return hash ^ (hash >>> 15)
}

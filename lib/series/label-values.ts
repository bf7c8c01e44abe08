import { detach } from './label-value.js'

/** The id of a value that no series has, and the index of a series that does not exist. */
export const NONE = -1

/** The most listed values that are compared one by one. */
const MAX_COMPARED = 8

/** The values of one label. Each has an id, which it keeps for as long as a series has the value. */
export class LabelValues {
  /** An id is on the page `id >> shift`, in its slot `id & mask`. */
  readonly shift = 7
  readonly mask = 127
  readonly #ids = new Map<string, number>()
  /** The number of listed values, which have the first ids. */
  readonly #listedCount: number
  /** The listed values, if there are at most `MAX_COMPARED`. */
  readonly #compared: readonly string[]
  /** The values by id. */
  readonly #values: string[] = []
  /** The number of series with each value, by id. */
  #seriesCounts = new Uint32Array(4)
  readonly #versions: number[] = []
  /** Ids that have no value. */
  readonly #freeIds: number[] = []

  /** `listed` values are never removed. Their ids start at 0. They are not copied: V8 finds a literal fastest. */
  constructor (listed: readonly string[] = []) {
    this.#listedCount = listed.length
    this.#compared = listed.length <= MAX_COMPARED ? listed : []
    for (const value of listed) {
      const id = this.#add(value)
      this.#seriesCounts[id]! += 1 // within the array, as in the methods below
    }
  }

  /** The id of a value; `NONE` if no series has it. */
  find (value: string): number {
    return this.#ids.get(value) ?? NONE
  }

  /** The id of a value that a call passes. If values are listed, it must be one of them. */
  findAllowed (value: string): number {
    const compared = this.#compared
    // Comparing a few literals is faster than a search in a map.
    for (let i = 0; i < compared.length; i++) if (compared[i] === value) return i
    if (compared.length > 0) return NONE
    const id = this.find(value)
    return this.#listedCount > 0 && id >= this.#listedCount ? NONE : id
  }

  /** The value of an id that is or was in use; `''` if it is no longer in use. */
  valueById (id: number): string {
    return this.#values[id]!
  }

  /** The version of the page of an id. It increases when one of the page's 128 ids is reused for another value. */
  versionOf (id: number): number {
    return this.#versions[id >> this.shift] ?? 0
  }

  /** Counts one more series with a value, and returns the id of the value. */
  use (value: string): number {
    const id = this.#ids.get(value) ?? this.#add(detach(value))
    this.#seriesCounts[id]! += 1
    return id
  }

  /** Counts one series less with the value of an id. */
  release (id: number): void {
    this.#seriesCounts[id]! -= 1
    if (this.#seriesCounts[id] !== 0) return
    this.#ids.delete(this.valueById(id))
    this.#values[id] = ''
    this.#freeIds.push(id)
  }

  #add (value: string): number {
    const reused = this.#freeIds.pop()
    const id = reused ?? this.#values.length
    if (reused !== undefined) this.#versions[id >> this.shift] = this.versionOf(id) + 1
    this.#values[id] = value
    this.#ids.set(value, id)
    if (id === this.#seriesCounts.length) {
      const doubled = new Uint32Array(2 * id)
      doubled.set(this.#seriesCounts)
      this.#seriesCounts = doubled
    }
    return id
  }
}

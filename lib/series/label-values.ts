import { detach } from './label-value.js'

/** A value that no series has. */
export const NONE = -1

/** As many values as are compared one by one. */
const FEW = 8

/** The values of one label, each by a number that it keeps for as long as a series has the value. */
export class LabelValues {
  /** The page of a number is `id >> shift`, its slot there `id & mask`. */
  readonly shift = 7
  readonly mask = 127
  readonly #ids = new Map<string, number>()
  /** How many are listed; these have the first numbers. */
  readonly #listed: number
  /** Those that are listed, if they are few. */
  readonly #few: readonly string[]
  readonly #texts: string[] = []
  /** How many series have each value. */
  #users = new Uint32Array(4)
  readonly #versions: number[] = []
  /** Numbers whose value is gone. */
  readonly #free: number[] = []

  /** Adds values that stay, with the numbers from 0 on. They are kept as they are: V8 finds a literal of the source fastest. */
  constructor (listed: readonly string[] = []) {
    this.#listed = listed.length
    this.#few = listed.length <= FEW ? listed : []
    for (const text of listed) {
      const id = this.#add(text)
      this.#users[id]! += 1 // within the array, as below
    }
  }

  /** The number of a value, `NONE` if no series has it. */
  find (text: string): number {
    return this.#ids.get(text) ?? NONE
  }

  /** The number of a value that a call gives, which may only be one that is listed, if any are. */
  findListed (text: string): number {
    const few = this.#few
    // To compare a few literals takes less than to look one up.
    for (let i = 0; i < few.length; i++) if (few[i] === text) return i
    if (few.length > 0) return NONE
    const id = this.find(text)
    return this.#listed > 0 && id >= this.#listed ? NONE : id
  }

  /** The value of a number that is or was in use; `''` for one that is not any more. */
  valueById (id: number): string {
    return this.#texts[id]!
  }

  /** Goes up when a number that had a value gets another: for the 128 numbers of one page together. */
  versionOf (id: number): number {
    return this.#versions[id >> this.shift] ?? 0
  }

  /** The number of a value that one more series has. */
  use (text: string): number {
    const id = this.#ids.get(text) ?? this.#add(detach(text))
    this.#users[id]! += 1
    return id
  }

  /** A series that had the value of this number has ended. */
  release (id: number): void {
    this.#users[id]! -= 1
    if (this.#users[id] !== 0) return
    this.#ids.delete(this.valueById(id))
    this.#texts[id] = ''
    this.#free.push(id)
  }

  #add (text: string): number {
    const reused = this.#free.pop()
    const id = reused ?? this.#texts.length
    if (reused !== undefined) this.#versions[id >> this.shift] = this.versionOf(id) + 1
    this.#texts[id] = text
    this.#ids.set(text, id)
    if (id === this.#users.length) {
      const grown = new Uint32Array(2 * id)
      grown.set(this.#users)
      this.#users = grown
    }
    return id
  }
}

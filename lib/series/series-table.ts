import { MAX_LABEL_LENGTH } from './label-value.js'
import { LabelValues, NONE } from './label-values.js'
import { Pages } from './pages.js'
import { LabelIndex } from './label-index.js'
import type { UncheckedLabels } from './label-value.js'

/** One label of a family. */
export interface LabelRule {
  readonly name: string
  /** The values that it can take; none for any. */
  readonly listed: readonly string[]
  /** The value that it has where it is left out. */
  readonly fallback?: string | undefined
}

/** What the series of a family are. */
export interface TableOptions {
  readonly labels: readonly LabelRule[]
  /** Numbers of a series. */
  readonly width: number
  /** How many series it can have, overflow included. @default no limit */
  readonly limit?: number
  /** Whether it is kept when each series was written to. @default false */
  readonly tracksWrites?: boolean
}

/**
 * The series of one family by their labels. Values of labels are numbers here, and a series is a place in `pages`. Where every
 * label lists its values, all series are there from the start, in the order of the lists, and stay.
 */
export class SeriesTable {
  readonly pages: Pages
  readonly names: readonly string[]
  /** Whether all labels list their values, so that the series are known beforehand. */
  readonly isClosed: boolean
  readonly #labels: readonly LabelRule[]
  readonly #values: readonly LabelValues[]
  /** The number of the value of each label that is left out; `NONE` where it may not be. */
  readonly #fallbacks: Int32Array
  /** How many values each label lists. */
  readonly #radices: readonly number[]
  readonly #index: LabelIndex
  /** The values of the series that is looked for. */
  readonly #wanted: Int32Array
  /** Goes up with every look-up: a getter among labels may begin another. */
  #lookups = 0

  constructor ({ labels, width, limit = Infinity, tracksWrites = false }: TableOptions) {
    this.names = labels.map(({ name }) => name)
    this.isClosed = labels.every(({ listed }) => listed.length > 0)
    this.#labels = labels
    this.#values = labels.map(({ listed }) => new LabelValues(listed))
    this.#fallbacks = Int32Array.from(labels, ({ fallback }, i) => fallback === undefined ? NONE : this.#values[i]!.use(fallback)) // one for each label
    this.#wanted = new Int32Array(labels.length)
    this.#radices = labels.map(({ listed }) => listed.length)
    const known = this.#radices.reduce((product, count) => product * count, 1)
    this.pages = new Pages({ width, limit: this.isClosed ? known : limit, tracksWrites })
    this.#index = new LabelIndex(labels.length)
    if (this.isClosed) this.#addListed(0)
  }

  /**
   * The place of the series that an object of labels means: its own enumerable properties are labels with values that some
   * series has, and what is left out has a fallback. Else `NONE`, and whoever asks must look closer. It reads each property once,
   * and builds nothing.
   */
  find (given: UncheckedLabels): number {
    const lookup = ++this.#lookups
    const wanted = this.#wanted
    let found = 0
    let count = 0
    for (const name in given) {
      if (!Object.prototype.hasOwnProperty.call(given, name)) return NONE
      let text = given[name]
      if (typeof text !== 'string') {
        if (typeof text !== 'number' && typeof text !== 'boolean') return NONE
        text = String(text)
      }
      if ((text as string).length > MAX_LABEL_LENGTH) return NONE
      const label = this.#indexOf(name)
      if (label === NONE) return NONE
      const id = this.#values[label]!.findListed(text as string) // one for each label
      if (id === NONE) return NONE
      wanted[label] = id
      found |= 1 << label
      count++
    }
    // An array is no labels, nor is what has no own property, such as a date.
    if (count === 0 || Array.isArray(given) || (count < wanted.length && !this.#fillIn(found))) return NONE
    return lookup === this.#lookups ? this.#indexOfWanted() : NONE
  }

  /** The place of the series with these values, one for each label; `NONE` if there is none. */
  findByValues (texts: readonly string[]): number {
    this.#lookups++
    for (let i = 0; i < this.#wanted.length; i++) {
      const id = this.#values[i]!.find(texts[i]!) // as many as labels
      if (id === NONE) return NONE
      this.#wanted[i] = id
    }
    return this.#indexOfWanted()
  }

  /** Begins a series that is not there yet, with these values in the form that UTF-8 can hold, and gives its place. */
  add (texts: readonly string[]): number {
    return this.#begin(texts.map((text, i) => this.#values[i]!.use(text))) // as many as labels
  }

  /** Ends the series at a place; in a closed table it goes to 0 and stays. */
  remove (index: number): void {
    this.pages.zero(index)
    if (this.isClosed) return
    this.#index.delete(index)
    for (const [i, values] of this.#values.entries()) values.release(this.valueIdAt(index, i))
    this.pages.free(index)
  }

  /** The value of a label that is left out; `undefined` where it may not be. */
  fallbackOf (label: number): string | undefined {
    return this.#labels[label]!.fallback
  }

  /** The number of the value of a label of the series at a place. */
  valueIdAt (index: number, label: number): number {
    return this.#index.valueIdAt(index, label)
  }

  /** The values of a label. */
  valuesOf (label: number): LabelValues {
    return this.#values[label]!
  }

  /** The value of a label of the series at a place. */
  labelValueAt (index: number, label: number): string {
    return this.#values[label]!.valueById(this.valueIdAt(index, label))
  }

  /** The labels of the series at a place. */
  labelsAt (index: number): Record<string, string> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.labelValueAt(index, i)]))
  }

  /** The places of all series, in their order; those that come meanwhile are left out. */
  * indices (): Generator<number> {
    const { pages } = this
    const { length, latestGeneration } = pages
    for (let index = 0; index < length; index++) {
      if (pages.has(index, latestGeneration)) yield index
    }
  }

  #indexOfWanted (): number {
    const wanted = this.#wanted
    if (!this.isClosed) return this.#index.find(wanted)
    let index = 0
    for (let i = 0; i < wanted.length; i++) index = index * this.#radices[i]! + wanted[i]! // as many as labels
    return index
  }

  /** Fills in the fallbacks of labels that are left out, whose bits are not set; `false` if one has none. */
  #fillIn (found: number): boolean {
    if (this.#wanted.length > 32) return false // a number has no more bits
    for (let i = 0; i < this.#wanted.length; i++) {
      if ((found & 1 << i) !== 0) continue
      const fallback = this.#fallbacks[i]! // as long
      if (fallback === NONE) return false
      this.#wanted[i] = fallback
    }
    return true
  }

  // A family has few labels.
  #indexOf (name: string): number {
    const { names } = this
    for (let i = 0; i < names.length; i++) if (names[i] === name) return i
    return NONE
  }

  #begin (values: readonly number[]): number {
    const index = this.pages.add()
    this.#index.add(index, values)
    return index
  }

  #addListed (label: number, values: readonly number[] = []): void {
    const rule = this.#labels[label]
    if (rule === undefined) this.#begin(values)
    else for (let i = 0; i < rule.listed.length; i++) this.#addListed(label + 1, [...values, i])
  }
}

import { LabelIndex } from './label-index.js'
import { MAX_LABEL_LENGTH } from './label-value.js'
import type { UncheckedLabels } from './label-value.js'
import { LabelValues, NONE } from './label-values.js'
import { Pages } from './pages.js'

/** One label of a family. */
export interface LabelRule {
  readonly name: string
  /** The values that the label accepts; an empty list accepts any value. */
  readonly listed: readonly string[]
  /** The value of the label if a call leaves it out; without one, the label is required. */
  readonly fallback?: string | undefined
}

/** The labels and the size of a table. */
export interface TableOptions {
  readonly labels: readonly LabelRule[]
  /** How many numbers a series has. */
  readonly width: number
  /** The most series that the table can have, including the overflow series. @default no limit */
  readonly limit?: number
  /** Whether to store when each series was last written to. @default false */
  readonly tracksWrites?: boolean
}

/**
 * Finds the series of one family by their labels. A series is an index of `pages`, a label is its position in `names`,
 * and a label value is a value id of `LabelValues`. A table is closed if every label lists its values: then all series
 * exist from the start, in the order of the lists, and are never removed.
 */
export class SeriesTable {
  readonly pages: Pages
  readonly names: readonly string[]
  readonly isClosed: boolean
  readonly #labels: readonly LabelRule[]
  /** The values of each label. */
  readonly #values: readonly LabelValues[]
  /** The value id of each label's fallback; `NONE` for a required label. */
  readonly #fallbackIds: Int32Array
  /** The number of values that each label lists. */
  readonly #listedCounts: readonly number[]
  readonly #index: LabelIndex
  /** The value ids of the current lookup. All lookups share this array, so they allocate nothing. */
  readonly #lookupIds: Int32Array
  /** Counts lookups. A getter of a labels object may run another lookup, which changes `#lookupIds`. */
  #lookups = 0

  constructor ({ labels, width, limit = Infinity, tracksWrites = false }: TableOptions) {
    this.names = labels.map(({ name }) => name)
    this.isClosed = labels.every(({ listed }) => listed.length > 0)
    this.#labels = labels
    this.#values = labels.map(({ listed }) => new LabelValues(listed))
    this.#fallbackIds = Int32Array.from(labels, ({ fallback }, i) =>
      fallback === undefined ? NONE : this.#values[i]!.use(fallback)) // one for each label
    this.#lookupIds = new Int32Array(labels.length)
    this.#listedCounts = labels.map(({ listed }) => listed.length)
    const combinations = this.#listedCounts.reduce((product, count) => product * count, 1)
    this.pages = new Pages({ width, limit: this.isClosed ? combinations : limit, tracksWrites })
    this.#index = new LabelIndex(labels.length)
    if (this.isClosed) this.#addListed(0)
  }

  /**
   * Returns the index of a series that exists, or `NONE`; then the caller must check the labels object in full. The
   * object must have only own enumerable properties. Each must be a label, with a value that a series has. Labels that
   * the object leaves out must have a fallback. Reads each property once, and allocates nothing.
   */
  find (labels: UncheckedLabels): number {
    const lookup = ++this.#lookups
    const lookupIds = this.#lookupIds
    let present = 0 // a bit for each label of the object
    let count = 0
    for (const name in labels) {
      if (!Object.prototype.hasOwnProperty.call(labels, name)) return NONE
      let value = labels[name]
      if (typeof value !== 'string') {
        if (typeof value !== 'number' && typeof value !== 'boolean') return NONE
        value = String(value)
      }
      if ((value as string).length > MAX_LABEL_LENGTH) return NONE
      const label = this.#positionOf(name)
      if (label === NONE) return NONE
      const id = this.#values[label]!.findAllowed(value as string) // one for each label
      if (id === NONE) return NONE
      lookupIds[label] = id
      present |= 1 << label
      count++
    }
    // An array is not a labels object, and an object without properties may be something else, such as a date.
    if (count === 0 || Array.isArray(labels) || (count < lookupIds.length && !this.#fillIn(present))) return NONE
    return lookup === this.#lookups ? this.#findLookupIds() : NONE
  }

  /** The index of the series with these values, one for each label; `NONE` if there is none. */
  findByValues (labelValues: readonly string[]): number {
    this.#lookups++
    for (let i = 0; i < this.#lookupIds.length; i++) {
      const id = this.#values[i]!.find(labelValues[i]!) // one for each label
      if (id === NONE) return NONE
      this.#lookupIds[i] = id
    }
    return this.#findLookupIds()
  }

  /** Adds a series that does not exist yet, with these well-formed values, and returns its index. */
  add (labelValues: readonly string[]): number {
    return this.#addByIds(labelValues.map((value, i) => this.#values[i]!.use(value))) // one for each label
  }

  /** Removes a series; in a closed table, sets it to 0 instead. */
  remove (index: number): void {
    this.pages.zero(index)
    if (this.isClosed) return
    this.#index.delete(index)
    for (const [i, values] of this.#values.entries()) values.release(this.valueIdAt(index, i))
    this.pages.free(index)
  }

  /** The value of a label that a call leaves out; `undefined` for a required label. */
  fallbackOf (label: number): string | undefined {
    return this.#labels[label]!.fallback
  }

  /** The value id of one label of a series. */
  valueIdAt (index: number, label: number): number {
    return this.#index.valueIdAt(index, label)
  }

  /** All values of a label. */
  valuesOf (label: number): LabelValues {
    return this.#values[label]!
  }

  /** The value of one label of a series. */
  labelValueAt (index: number, label: number): string {
    return this.#values[label]!.valueById(this.valueIdAt(index, label))
  }

  /** The labels of a series. */
  labelsAt (index: number): Record<string, string> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.labelValueAt(index, i)]))
  }

  /** The indices of all series in ascending order, without series that are added while the generator runs. */
  * indices (): Generator<number> {
    const { pages } = this
    const { length, latestGeneration } = pages
    for (let index = 0; index < length; index++) {
      if (pages.has(index, latestGeneration)) yield index
    }
  }

  /** The index of the series with the value ids of the current lookup; `NONE` if there is none. */
  #findLookupIds (): number {
    const lookupIds = this.#lookupIds
    if (!this.isClosed) return this.#index.find(lookupIds)
    // All combinations of the lists exist in order, so the value ids are the digits of the index.
    let index = 0
    for (let i = 0; i < lookupIds.length; i++) index = index * this.#listedCounts[i]! + lookupIds[i]! // one per label
    return index
  }

  /** Fills in the fallbacks of the labels whose bits in `present` are not set; `false` if one has no fallback. */
  #fillIn (present: number): boolean {
    if (this.#lookupIds.length > 32) return false // bitwise operators use 32 bits
    for (let i = 0; i < this.#lookupIds.length; i++) {
      if ((present & 1 << i) !== 0) continue
      const fallbackId = this.#fallbackIds[i]! // one for each label
      if (fallbackId === NONE) return false
      this.#lookupIds[i] = fallbackId
    }
    return true
  }

  /** The position of a label by a linear search, since a family has few labels. */
  #positionOf (name: string): number {
    const { names } = this
    for (let i = 0; i < names.length; i++) if (names[i] === name) return i
    return NONE
  }

  #addByIds (valueIds: readonly number[]): number {
    const index = this.pages.add()
    this.#index.add(index, valueIds)
    return index
  }

  /** Adds the series of all combinations of listed values, from this label on. */
  #addListed (label: number, valueIds: readonly number[] = []): void {
    const rule = this.#labels[label]
    if (rule === undefined) this.#addByIds(valueIds)
    else for (let i = 0; i < rule.listed.length; i++) this.#addListed(label + 1, [...valueIds, i])
  }
}

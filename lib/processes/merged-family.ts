import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'
import { createFamily, widthOf } from './definition.js'
import type { FamilyDefinition } from './definition.js'
import { InheritedLimit } from './inherited-limit.js'
import { grownCounts, grownIds } from './grown-array.js'
import type { SharedLabels, SharedSeries } from './shared-series.js'

const UNKNOWN = 0

/** Whether a series is beyond those that a process of its own could have. */
export interface MergedFamilyOptions {
  /** Whether series beyond `maxSeries` go into the overflow series. */
  readonly isLimited: boolean
}

/** One family with the sums of all slots. A merge is known by its number, which grows. */
export class MergedFamily {
  readonly family: Family
  /** The definition of the newest process; its series are compared by `series`. */
  definition: FamilyDefinition
  /** The last merge in which a slot had the family. */
  lastMerge = 0
  /** How many numbers a series has. */
  readonly width: number
  readonly #labels: SharedLabels
  readonly #series: SharedSeries
  readonly #limit: InheritedLimit | null
  /** The index in `family` for each id of `#series`, and the generation of the id for which this holds. */
  #indices = new Int32Array(0)
  #generations = new Uint32Array(0)
  /** For each index of `family` the last merge in which a slot had the series. */
  #lastMerges = new Uint32Array(0)
  /** For each index how many slots have the series; only for averages. */
  #counts = new Uint32Array(0)

  constructor (definition: FamilyDefinition, labels: SharedLabels, { isLimited }: MergedFamilyOptions) {
    this.definition = definition
    this.family = createFamily(definition)
    this.width = widthOf(definition)
    this.#labels = labels
    this.#series = labels.use(definition)
    this.#limit = isLimited ? new InheritedLimit(this.family, definition) : null
  }

  /** Whether series went into an overflow series. */
  get hasOverflowed (): boolean {
    return this.#limit?.hasOverflowed === true
  }

  /** Whether the series with an id has an index, so that `add` does not look for its labels. */
  hasIndexOf (id: number): boolean {
    return this.#generations[id] === this.#series.generationOf(id)
  }

  /** Adds the numbers of one slot for the series with an id, as the aggregator says. */
  add (id: number, numbers: Float64Array, from: number): void {
    const index = this.hasIndexOf(id) ? this.#indices[id]! : this.#findIndex(id) // has one
    const { pages } = this.family.table
    const { width, definition: { aggregator } } = this
    const isAverage = aggregator === 'average'
    const target = pages.pageOf(index).numbers
    const to = (index & pages.mask) * width
    if (this.#lastMerges[index] !== this.lastMerge) {
      this.#lastMerges[index] = this.lastMerge
      if (isAverage) this.#counts[index] = 1
      for (let k = 0; k < width; k++) target[to + k] = numbers[from + k]! // within both arrays, as below
      return
    }
    if (isAverage) this.#counts[index]! += 1
    if (aggregator === 'sum' || isAverage) {
      for (let k = 0; k < width; k++) target[to + k]! += numbers[from + k]!
    } else if (aggregator === 'min') {
      target[to] = Math.min(target[to]!, numbers[from]!)
    } else if (aggregator === 'max') {
      target[to] = Math.max(target[to]!, numbers[from]!)
    }
  }

  /** Removes the series that no slot had in this merge, and completes averages. Pauses after each page. */
  * finish (): Generator<void> {
    const { table } = this.family
    const { pages } = table
    let hasRemoved = false
    for (let index = 0; index < pages.length; index++) {
      if ((index & pages.mask) === pages.mask) yield
      if (pages.generationAt(index) === 0) continue
      if (this.#lastMerges[index] !== this.lastMerge) {
        // First, since the merge may be abandoned in the next pause.
        if (!hasRemoved) this.#forgetRemoved()
        hasRemoved = true
        this.family.remove(index)
      } else if (this.definition.aggregator === 'average') {
        pages.pageOf(index).numbers[index & pages.mask]! /= this.#counts[index]! // within the arrays
      }
    }
  }

  /** Another family takes its place. */
  dispose (): void {
    this.#labels.release(this.definition)
  }

  #findIndex (id: number): number {
    const labels = this.#series.labelsOf(id)
    const { family } = this
    let index = family.table.findByValues(labels)
    if (index === NONE) index = this.#limit === null ? family.addSeries(labels) : this.#limit.admit(labels)
    if (id >= this.#indices.length) {
      this.#indices = grownIds(this.#indices, id + 1, NONE)
      this.#generations = grownCounts(this.#generations, id + 1)
    }
    if (index >= this.#lastMerges.length) {
      this.#lastMerges = grownCounts(this.#lastMerges, index + 1)
      if (this.definition.aggregator === 'average') this.#counts = grownCounts(this.#counts, index + 1)
    }
    this.#indices[id] = index
    this.#generations[id] = this.#series.generationOf(id)
    return index
  }

  /** Another series may later have the index of one that is removed, while a slot keeps the id. */
  #forgetRemoved (): void {
    for (let id = 0; id < this.#indices.length; id++) {
      if (this.#lastMerges[this.#indices[id]!] !== this.lastMerge) this.#generations[id] = UNKNOWN // below the length
    }
  }
}

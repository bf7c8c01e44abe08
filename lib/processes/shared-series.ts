import { NONE } from '../series/label-values.js'
import { SeriesTable } from '../series/series-table.js'
import type { FamilyDefinition } from './definition.js'
import { grownCounts } from './grown-array.js'

/**
 * The labels of the series of one metric in all slots. Processes of one service have mostly the same labels, so each
 * slot only stores an id of 4 B per series. An id stays the same as long as a slot uses it; after that it may get
 * another meaning, and another generation.
 */
export class SharedSeries {
  readonly #table: SeriesTable
  /** How many indices of slots have each id. */
  #users = new Uint32Array(0)

  constructor (labelNames: readonly string[]) {
    this.#table = new SeriesTable({ labels: labelNames.map(name => ({ name, listed: [] })), width: 0 })
  }

  /** All ids are below this. */
  get length (): number {
    return this.#table.pages.length
  }

  /** The id for labels, for one more user. */
  use (labels: readonly string[]): number {
    const known = this.#table.findByValues(labels)
    const id = known === NONE ? this.#table.add(labels) : known
    if (id >= this.#users.length) this.#users = grownCounts(this.#users, id + 1)
    this.#users[id]! += 1 // within the array, as below
    return id
  }

  /** One user less has the id. */
  release (id: number): void {
    this.#users[id]! -= 1
    if (this.#users[id] === 0) this.#table.remove(id)
  }

  /** Distinguishes an id from an earlier one with the same number; from 1 on. */
  generationOf (id: number): number {
    return this.#table.pages.generationAt(id)
  }

  labelsOf (id: number): string[] {
    return this.#table.names.map((_, label) => this.#table.labelValueAt(id, label))
  }
}

/** The labels that the slots of a service share, by metric. */
export class SharedLabels {
  readonly #metrics = new Map<string, { readonly series: SharedSeries, users: number }>()

  /** The series of a metric, for one more user. */
  use (definition: FamilyDefinition): SharedSeries {
    const key = keyOf(definition)
    const metric = this.#metrics.get(key) ?? { series: new SharedSeries(definition.labelNames), users: 0 }
    metric.users++
    this.#metrics.set(key, metric)
    return metric.series
  }

  /** One user less has the series of a metric. */
  release (definition: FamilyDefinition): void {
    const key = keyOf(definition)
    const metric = this.#metrics.get(key)! // as many releases as uses
    metric.users--
    if (metric.users === 0) this.#metrics.delete(key)
  }
}

function keyOf ({ name, labelNames }: FamilyDefinition): string {
  return [name, ...labelNames].join()
}

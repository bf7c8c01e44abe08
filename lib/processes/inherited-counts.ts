import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'
import type { InheritedFamily } from './base-file.js'

/** The counts that a process has inherited, which the base of its slot contains. The application may remove some. */
export class InheritedCounts {
  /** Whether they differ from the base. */
  isOutdated = true
  readonly #load: () => readonly InheritedFamily[]
  /** The counts until they are in the base; later `null`, unless some of them were removed. */
  #families: readonly InheritedFamily[] | null
  /** The metrics with inherited counts. */
  #names: ReadonlySet<string>
  /** Whether the counts were read from the base again, to remove some. */
  #wasLoaded = false

  /** `load` reads the counts from the base. */
  constructor (inherited: readonly InheritedFamily[], load: () => readonly InheritedFamily[]) {
    this.#families = inherited
    this.#names = namesOf(inherited)
    this.#load = load
  }

  /** What the base should contain. */
  get families (): readonly InheritedFamily[] {
    return this.#families ?? []
  }

  /** Called when the base contains them. */
  markWritten (): void {
    this.isOutdated = false
    this.#names = namesOf(this.families)
    // Most processes never remove inherited counts, so they do not keep them.
    if (!this.#wasLoaded) this.#families = null
  }

  /** Removes a series, by the values of its labels. */
  remove (name: string, labels: readonly string[]): void {
    const family = this.#find(name)
    if (family?.labelNames.length === labels.length) this.#removeIndex(family, family.table.findByValues(labels))
  }

  /** Removes all series of a metric. */
  reset (name: string): void {
    const family = this.#find(name)
    if (family === undefined) return
    this.#families = this.families.filter(other => other.family !== family)
    this.isOutdated = true
  }

  /** Removes the series that a family does not have. */
  keepOnly ({ name, labelNames, table }: Family): void {
    const family = this.#find(name)
    if (family?.labelNames.join() !== labelNames.join()) return
    for (const index of [...family.table.indices()]) {
      const labels = labelNames.map((_, label) => family.table.labelValueAt(index, label))
      if (table.findByValues(labels) === NONE) this.#removeIndex(family, index)
    }
  }

  #removeIndex (family: Family, index: number): void {
    if (index === NONE) return
    family.remove(index)
    this.isOutdated = true
  }

  /** The counts of a metric, which are read from the base if necessary. */
  #find (name: string): Family | undefined {
    if (!this.#names.has(name)) return undefined
    if (this.#families === null) {
      this.#families = this.#load()
      this.#wasLoaded = true
    }
    return this.families.find(({ family }) => family.name === name)?.family
  }
}

function namesOf (inherited: readonly InheritedFamily[]): Set<string> {
  return new Set(inherited.map(({ family }) => family.name))
}

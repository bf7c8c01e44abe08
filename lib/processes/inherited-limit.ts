import type { Family } from '../series/family.js'
import { OVERFLOW } from '../series/label-value.js'
import { NONE } from '../series/label-values.js'
import type { FamilyDefinition } from './definition.js'

/** Limits the series of a family that processes inherit, as the process limits its own. */
export class InheritedLimit {
  /** Whether series went into an overflow series. */
  hasOverflowed = false
  readonly #family: Family
  readonly #definition: FamilyDefinition
  /** The values of the labels without a limit. The first series of each does not count. */
  readonly #unlimited = new Set<string>()
  #size = 0

  constructor (family: Family, definition: FamilyDefinition) {
    this.#family = family
    this.#definition = definition
  }

  /** The index of a new series with these label values, or of an overflow series. */
  admit (labels: readonly string[]): number {
    const { unlimitedLabels, maxSeries } = this.#definition
    if (this.#isFirst(labels) || labels.slice(unlimitedLabels).every(value => value === OVERFLOW)) {
      return this.#family.addSeries(labels)
    }
    if (this.#size < maxSeries) {
      this.#size++
      return this.#family.addSeries(labels)
    }
    this.hasOverflowed = true
    const overflow = labels.map((value, i) => i < unlimitedLabels ? value : OVERFLOW)
    const index = this.#family.table.findByValues(overflow)
    return index === NONE ? this.#family.addSeries(overflow) : index
  }

  #isFirst (labels: readonly string[]): boolean {
    const { unlimitedLabels } = this.#definition
    if (unlimitedLabels === 0) return false
    const key = JSON.stringify(labels.slice(0, unlimitedLabels))
    if (this.#unlimited.has(key)) return false
    this.#unlimited.add(key)
    return true
  }
}

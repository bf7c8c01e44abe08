import type { Family } from '../series/family.js'
import { definitionOf } from './definition.js'
import { grownCounts } from './grown-array.js'
import type { LogEncoder } from './labels-log.js'

const FREE = 0
/** Series encoded between two pauses: about 30 µs of work. */
const SERIES_PER_PAUSE = 32

/** Compares the series of one family with those that the labels log has, and encodes the difference. */
export class FamilyLog {
  /** The size of the records that the log needs for the series of now, in bytes. */
  neededBytes = 0
  readonly #family: Family
  readonly #number: number
  /** The generation of the series at each index that the log has; `FREE` for none. */
  #generations = new Uint32Array(0)
  /** The size of the record of each of them, in bytes. */
  #sizes = new Uint32Array(0)
  /** The changes of the family that the log has. */
  #changes = -1

  /** Encodes the definition of the family, which gets this number in the log. */
  constructor (encoder: LogEncoder, { number, family, since }: FamilyLogOptions) {
    this.#family = family
    this.#number = number
    this.neededBytes = encoder.define(definitionOf(family, since))
  }

  /**
   * Encodes the series that ended or began. It takes no time if there are none. Pauses regularly; the family must not
   * change meanwhile.
   */
  * update (encoder: LogEncoder): Generator<void> {
    const { pages } = this.#family.table
    if (pages.changes === this.#changes) return
    this.#grow(pages.length)
    let replaced = 0
    for (let index = 0; index < pages.length; index++) {
      const generation = pages.generationAt(index)
      if (generation === this.#generations[index]) continue
      this.#replace(encoder, index, generation)
      if (++replaced % SERIES_PER_PAUSE === 0) yield
    }
    this.#changes = pages.changes
  }

  #replace (encoder: LogEncoder, index: number, generation: number): void {
    if (this.#generations[index] !== FREE) {
      encoder.end(this.#number, index)
      this.neededBytes -= this.#sizes[index]! // within the array
    }
    if (generation !== FREE) {
      const { table } = this.#family
      const labels = table.names.map((_, label) => table.labelValueAt(index, label))
      this.#sizes[index] = encoder.begin(this.#number, index, labels)
      this.neededBytes += this.#sizes[index]
    }
    this.#generations[index] = generation
  }

  #grow (length: number): void {
    if (length <= this.#generations.length) return
    this.#generations = grownCounts(this.#generations, length)
    this.#sizes = grownCounts(this.#sizes, length)
  }
}

/** A family, its number in the order of the log, and when this process started. */
interface FamilyLogOptions {
  readonly number: number
  readonly family: Family
  readonly since: number
}

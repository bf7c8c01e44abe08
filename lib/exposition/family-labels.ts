import { isDeepStrictEqual } from 'node:util'
import type { Family } from '../series/family.js'
import { LabelBytes } from './label-bytes.js'
import { formatLabels, withDefaults } from './rows.js'
import type { GivenLabels } from './rows.js'

/** The labels of one series, behind the name that they follow. */
export interface Prefix {
  readonly whole: Uint8Array
  /** The labels alone, with the comma behind the last. */
  readonly labels: Uint8Array
}

/** Text as bytes. */
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/**
 * The labels of the series of a family as bytes, with the default labels behind them: made once and kept, and put behind the
 * name of a sample without a string or an object for each series.
 */
export class FamilyLabels {
  readonly #family: Family
  readonly #defaultLabels: GivenLabels
  readonly #labels: LabelBytes
  readonly #name: Uint8Array
  readonly #prefixes = new Map<number, Prefix>()

  constructor (family: Family, defaultLabels: GivenLabels) {
    this.#family = family
    this.#defaultLabels = { ...defaultLabels }
    this.#labels = new LabelBytes(family.table.pages, place => this.#makeLabels(place))
    this.#name = encode(family.type === 'histogram' ? `${family.name}_bucket{` : `${family.name}{`)
  }

  /** Whether it was made for default labels that say the same. */
  fits (defaultLabels: GivenLabels): boolean {
    return isDeepStrictEqual(defaultLabels, this.#defaultLabels)
  }

  /** The labels of the series at a place, behind the name of its first sample, until those of another are asked for. */
  prefixOf (place: number): Prefix {
    const length = this.#labels.lengthOf(place)
    // One per length, since copying an array whole needs no object, which a part of one does.
    let prefix = this.#prefixes.get(length)
    if (prefix === undefined) {
      const whole = new Uint8Array(this.#name.length + length)
      whole.set(this.#name)
      prefix = { whole, labels: whole.subarray(this.#name.length) }
      this.#prefixes.set(length, prefix)
    }
    this.#labels.copy(place, prefix.whole, this.#name.length)
    return prefix
  }

  #makeLabels (place: number): Uint8Array {
    const { table } = this.#family
    if (table.pages.birthAt(place) === 0) return new Uint8Array(0)
    const labels = formatLabels(withDefaults(table.labelsAt(place), this.#defaultLabels))
    return encode(labels === '' ? '' : `${labels},`)
  }
}

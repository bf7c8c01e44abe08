import { isDeepStrictEqual } from 'node:util'
import type { Family } from '../series/family.js'
import { LabelBytes } from './label-bytes.js'
import { escapeLabelValue } from './format.js'
import { formatLabels } from './rows.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** The labels of one series, behind the name that they follow. */
export interface Prefix {
  readonly integer: Uint8Array
  /** The labels alone, with the comma behind the last. */
  readonly labels: Uint8Array
}

/** Text as bytes. */
export const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

// For all text formats, which write labels in the same way.
const known = new WeakMap<Family, FamilyLabels>()

/** The labels of a family with these default labels behind them: those of the last time, if they were for the same. */
export function labelsOf (family: Family, defaultLabels: UncheckedLabels): FamilyLabels {
  const labels = known.get(family)
  if (labels?.fits(defaultLabels) === true) return labels
  const made = new FamilyLabels(family, defaultLabels)
  known.set(family, made)
  return made
}

/**
 * The labels of the series of a family as bytes, with the default labels behind them: the values are made once and kept, and put
 * behind the name of a sample without a string or an object for each series.
 */
class FamilyLabels {
  readonly #family: Family
  readonly #defaultLabels: UncheckedLabels
  /** Each label with its value, `name="value",`. */
  readonly #labels: readonly LabelBytes[]
  readonly #name: Uint8Array
  /** The default labels that are not labels of the family. */
  readonly #defaults: Uint8Array
  readonly #prefixes = new Map<number, Prefix>()

  constructor (family: Family, defaultLabels: UncheckedLabels) {
    this.#family = family
    this.#defaultLabels = { ...defaultLabels }
    this.#labels = family.labelNames.map((name, i) =>
      new LabelBytes(family.table.valuesOf(i), text => toBytes(`${name}="${escapeLabelValue(text)}",`)))
    this.#name = toBytes(family.type === 'histogram' ? `${family.name}_bucket{` : `${family.name}{`)
    const others = Object.entries(defaultLabels).filter(([name]) => !family.labelNames.includes(name))
    this.#defaults = toBytes(others.map(([name, value]) => `${formatLabels({ [name]: value })},`).join(''))
  }

  /** Whether it was made for default labels that say the same. */
  fits (defaultLabels: UncheckedLabels): boolean {
    return isDeepStrictEqual(defaultLabels, this.#defaultLabels)
  }

  /** The labels of the series at a place, behind the name of its first sample, until those of another are asked for. */
  prefixOf (index: number): Prefix {
    const { table } = this.#family
    let length = this.#defaults.length
    for (let i = 0; i < this.#labels.length; i++) length += this.#labels[i]!.lengthOf(table.valueAt(index, i)) // below its length
    const prefix = this.#prefixes.get(length) ?? this.#addPrefix(length)
    let at = this.#name.length
    for (let i = 0; i < this.#labels.length; i++) at = this.#labels[i]!.copy(table.valueAt(index, i), prefix.integer, at) // likewise
    return prefix
  }

  // One per length, since copying an array whole needs no object, which a part of one does. Each ends in the default labels.
  #addPrefix (length: number): Prefix {
    const start = this.#name.length
    const integer = new Uint8Array(start + length)
    integer.set(this.#name)
    integer.set(this.#defaults, integer.length - this.#defaults.length)
    const prefix = { integer, labels: integer.subarray(start) }
    this.#prefixes.set(length, prefix)
    return prefix
  }
}

import { isDeepStrictEqual } from 'node:util'
import type { Family } from '../series/family.js'
import { LabelBytes } from './label-bytes.js'
import { escapeLabelValue } from './format.js'
import { formatLabels } from './rows.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** The labels of one series, behind the name that they follow. */
export interface Prefix {
  readonly full: Uint8Array
  /** The labels alone, with the comma behind the last. */
  readonly labels: Uint8Array
}

/** Text as bytes. */
export const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

// For all text formats, which write labels in the same way.
const cache = new WeakMap<Family, FamilyLabels>()

/** The labels of a family with these default labels behind them: those of the last time, if they were for the same. */
export function labelsOf (family: Family, defaultLabels: UncheckedLabels): FamilyLabels {
  const labels = cache.get(family)
  if (labels?.isFor(defaultLabels) === true) return labels
  const created = new FamilyLabels(family, defaultLabels)
  cache.set(family, created)
  return created
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
  readonly #nameBytes: Uint8Array
  /** The default labels that are not labels of the family. */
  readonly #defaultLabelBytes: Uint8Array
  readonly #prefixes = new Map<number, Prefix>()

  constructor (family: Family, defaultLabels: UncheckedLabels) {
    this.#family = family
    this.#defaultLabels = { ...defaultLabels }
    this.#labels = family.labelNames.map((name, i) =>
      new LabelBytes(family.table.valuesOf(i), text => toBytes(`${name}="${escapeLabelValue(text)}",`)))
    this.#nameBytes = toBytes(family.type === 'histogram' ? `${family.name}_bucket{` : `${family.name}{`)
    const remaining = Object.entries(defaultLabels).filter(([name]) => !family.labelNames.includes(name))
    this.#defaultLabelBytes = toBytes(remaining.map(([name, value]) => `${formatLabels({ [name]: value })},`).join(''))
  }

  /** Whether it was made for default labels that say the same. */
  isFor (defaultLabels: UncheckedLabels): boolean {
    return isDeepStrictEqual(defaultLabels, this.#defaultLabels)
  }

  /** The labels of the series at a place, behind the name of its first sample, until those of another are asked for. */
  prefixOf (index: number): Prefix {
    const { table } = this.#family
    let length = this.#defaultLabelBytes.length
    for (let i = 0; i < this.#labels.length; i++) length += this.#labels[i]!.lengthOf(table.valueAt(index, i)) // below its length
    const prefix = this.#prefixes.get(length) ?? this.#createPrefix(length)
    let offset = this.#nameBytes.length
    for (let i = 0; i < this.#labels.length; i++) offset = this.#labels[i]!.copyTo(table.valueAt(index, i), prefix.full, offset) // likewise
    return prefix
  }

  // One per length, since copying an array whole needs no object, which a part of one does. Each ends in the default labels.
  #createPrefix (length: number): Prefix {
    const start = this.#nameBytes.length
    const full = new Uint8Array(start + length)
    full.set(this.#nameBytes)
    full.set(this.#defaultLabelBytes, full.length - this.#defaultLabelBytes.length)
    const prefix = { full, labels: full.subarray(start) }
    this.#prefixes.set(length, prefix)
    return prefix
  }
}

import { isDeepStrictEqual } from 'node:util'
import type { Family } from '../series/family.js'
import type { UncheckedLabels } from '../series/label-value.js'
import { escapeLabelValue } from './format.js'
import { LabelBytes } from './label-bytes.js'
import { formatLabels } from './rows.js'

/** The bytes of a sample from its name to the end of its labels. */
export interface Prefix {
  /** The name, a brace and the labels, with a comma after each label. */
  readonly full: Uint8Array
  /** The part of `full` that contains the labels. */
  readonly labels: Uint8Array
}

export const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

// Shared by the text formats, since they write labels in the same way.
const cache = new WeakMap<Family, FamilyLabels>()

/** The encoded labels of a family, followed by these default labels. Cached until the default labels change. */
export function labelsOf (family: Family, defaultLabels: UncheckedLabels): FamilyLabels {
  const labels = cache.get(family)
  if (labels?.isFor(defaultLabels) === true) return labels
  const created = new FamilyLabels(family, defaultLabels)
  cache.set(family, created)
  return created
}

/**
 * The labels of the series of a family as bytes, followed by the default labels. Each value is encoded once and kept.
 * Writing the labels of a series creates neither a string nor an object.
 */
class FamilyLabels {
  readonly #family: Family
  readonly #defaultLabels: UncheckedLabels
  /** Each label with its value, as `name="value",`. */
  readonly #labels: readonly LabelBytes[]
  readonly #nameBytes: Uint8Array
  /** The default labels that are not labels of the family. */
  readonly #defaultLabelBytes: Uint8Array
  /** By the length of the labels. */
  readonly #prefixes = new Map<number, Prefix>()

  constructor (family: Family, defaultLabels: UncheckedLabels) {
    this.#family = family
    this.#defaultLabels = { ...defaultLabels }
    this.#labels = family.labelNames.map((name, i) =>
      new LabelBytes(family.table.valuesOf(i), text => toBytes(`${name}="${escapeLabelValue(text)}",`)))
    this.#nameBytes = toBytes(family.type === 'histogram' ? `${family.name}_bucket{` : `${family.name}{`)
    const added = Object.entries(defaultLabels).filter(([name]) => !family.labelNames.includes(name))
    this.#defaultLabelBytes = toBytes(added.map(([name, value]) => `${formatLabels({ [name]: value })},`).join(''))
  }

  isFor (defaultLabels: UncheckedLabels): boolean {
    return isDeepStrictEqual(defaultLabels, this.#defaultLabels)
  }

  /** The prefix of the first sample of the series at an index. A later call may overwrite it. */
  prefixOf (index: number): Prefix {
    const { table } = this.#family
    let length = this.#defaultLabelBytes.length
    for (let i = 0; i < this.#labels.length; i++) {
      length += this.#labels[i]!.lengthOf(table.valueIdAt(index, i)) // i is below the length
    }
    const prefix = this.#prefixes.get(length) ?? this.#createPrefix(length)
    let offset = this.#nameBytes.length
    for (let i = 0; i < this.#labels.length; i++) {
      offset = this.#labels[i]!.copyTo(table.valueIdAt(index, i), prefix.full, offset) // i is below the length
    }
    return prefix
  }

  // One prefix per length: copying a full array creates no object, but copying a part of one does. Each prefix ends
  // with the default labels.
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

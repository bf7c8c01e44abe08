import type { Family } from '../series/family.js'
import { NONE } from '../series/label-values.js'
import type { InheritedFamily } from './base-file.js'
import type { Removal } from './removal-queue.js'

/** Series looked up between two pauses: about 30 µs of work. */
const SERIES_PER_PAUSE = 32

/**
 * Removes series from inherited counts, and pauses regularly. Returns the families that are left; `null` if none of the
 * series was there.
 */
export function * removeInherited (
  inherited: readonly InheritedFamily[], removals: readonly Removal[]
): Generator<void, readonly InheritedFamily[] | null> {
  const families = new Map(inherited.map(entry => [entry.family.name, entry]))
  let hasRemoved = false
  for (const [i, { metric, labels }] of removals.entries()) {
    if (i % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    const family = families.get(metric)?.family
    if (family === undefined) continue
    if (labels === null) {
      families.delete(metric)
      hasRemoved = true
    } else if (labels.length === family.labelNames.length) {
      const index = family.table.findByValues(labels)
      if (index === NONE) continue
      family.remove(index)
      hasRemoved = true
    }
  }
  return hasRemoved ? [...families.values()] : null
}

/**
 * Removes the series that families of this process do not have from inherited counts of the same metrics. Pauses
 * regularly. Returns whether there were any.
 */
export function * expireInherited (
  inherited: readonly InheritedFamily[], families: readonly Family[]
): Generator<void, boolean> {
  let hasRemoved = false
  for (const { name, labelNames, table } of families) {
    const family = inherited.find(({ family }) => family.name === name)?.family
    if (family?.labelNames.join() !== labelNames.join()) continue
    for (const index of family.table.indices()) {
      if (index % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
      const labels = labelNames.map((_, label) => family.table.labelValueAt(index, label))
      if (table.findByValues(labels) !== NONE) continue
      family.remove(index)
      hasRemoved = true
    }
  }
  return hasRemoved
}

import { NONE } from '../series/label-values.js'
import type { MergedFamily } from './merged-family.js'
import type { FamilySnapshot } from './snapshot.js'

/** Work between two pauses, in numbers added: about 30 µs. */
const WORK_PER_PAUSE = 2 ** 14
/** The work for a series in addition to its numbers, and for one whose labels are looked up. */
const SERIES_WORK = 8
const LABELS_WORK = 512

/** Adds the numbers of one part of a slot. */
export function * addSeries (target: MergedFamily, { ids, length, numbers }: FamilySnapshot): Generator<void> {
  const { width } = target
  let work = 0
  for (let index = 0; index < length; index++) {
    const id = ids[index]! // below the length
    if (id === NONE) continue
    work += target.hasIndexOf(id) ? width + SERIES_WORK : LABELS_WORK
    target.add(id, numbers, index * width)
    if (work < WORK_PER_PAUSE) continue
    work = 0
    yield
  }
}

/** Adds the live counts of a slot to its base, and then both to the sums. The numbers of the base are overwritten. */
export function * addTogether (target: MergedFamily, live: FamilySnapshot, base: FamilySnapshot): Generator<void> {
  const { width } = target
  /** For each id the index of the base plus 1. */
  const baseIndices = new Int32Array(base.series.length)
  for (let index = 0; index < base.length; index++) {
    if (base.ids[index] !== NONE) baseIndices[base.ids[index]!] = index + 1 // below the length
  }
  yield
  const ids = live.ids.slice(0, live.length)
  let work = 0
  for (let index = 0; index < live.length; index++) {
    if (ids[index] === NONE) continue
    const baseIndex = baseIndices[ids[index]!]! - 1 // an id of the same series
    if (baseIndex === NONE) continue
    ids[index] = NONE
    const to = baseIndex * width
    const from = index * width
    for (let k = 0; k < width; k++) base.numbers[to + k]! += live.numbers[from + k]! // within the arrays
    work += width + SERIES_WORK
    if (work < WORK_PER_PAUSE) continue
    work = 0
    yield
  }
  yield * addSeries(target, base)
  yield * addSeries(target, { ...live, ids })
}

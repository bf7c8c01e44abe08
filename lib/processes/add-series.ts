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

/** Adds one part of a slot to the other, and then both to the sums. The numbers of the other are overwritten. */
export function * addTogether (target: MergedFamily, part: FamilySnapshot, other: FamilySnapshot): Generator<void> {
  const { width } = target
  /** For each id the index of the other part plus 1. */
  const otherIndices = new Int32Array(other.series.length)
  for (let index = 0; index < other.length; index++) {
    if (other.ids[index] !== NONE) otherIndices[other.ids[index]!] = index + 1 // below the length
  }
  yield
  const ids = part.ids.slice(0, part.length)
  let work = 0
  for (let index = 0; index < part.length; index++) {
    if (ids[index] === NONE) continue
    const otherIndex = otherIndices[ids[index]!]! - 1 // an id of the same series
    if (otherIndex === NONE) continue
    ids[index] = NONE
    const to = otherIndex * width
    const from = index * width
    for (let k = 0; k < width; k++) other.numbers[to + k]! += part.numbers[from + k]! // within the arrays
    work += width + SERIES_WORK
    if (work < WORK_PER_PAUSE) continue
    work = 0
    yield
  }
  yield * addSeries(target, other)
  yield * addSeries(target, { ...part, ids })
}

import type { FamilyDefinition } from './definition.js'
import type { SharedSeries } from './shared-series.js'

/** The series and numbers of one family in one slot. */
export interface FamilySnapshot {
  readonly definition: FamilyDefinition
  /** The labels of the series, which slots share. */
  readonly series: SharedSeries
  /** The series at each index as its id in `series`; `NONE` if there is no series at the index. */
  readonly ids: Int32Array
  /** How many indices there are: `ids` may be longer. */
  readonly length: number
  /** The numbers of each index, one index after another. They are valid until the next slot is read. */
  readonly numbers: Float64Array
}

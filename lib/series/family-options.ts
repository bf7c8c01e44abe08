import type { LabelRule } from './series-table.js'

/** Why a value was recorded in an overflow series: the metric has too many series, or a label value is too long. */
export type OverflowReason = 'series' | 'length'

/** The definition of a family. */
export interface FamilyOptions {
  readonly name: string
  readonly help: string
  /** @default [] */
  readonly labels?: readonly LabelRule[]
  /** The most series that `admit` adds, without the overflow series. @default no limit */
  readonly maxSeries?: number
  /** Seconds from the last write to a series until it expires. @default never */
  readonly expireAfter?: number | undefined
  /** Whether a reset sets the series to 0 in place of removing them. @default false */
  readonly keepsSeriesOnReset?: boolean
  /** Called whenever `admit` returns the overflow series in place of another. @default none */
  readonly onOverflow?: (reason: OverflowReason) => void
}

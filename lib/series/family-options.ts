import type { LabelRule } from './series-table.js'

/** Why a value was recorded in an overflow series: the metric has too many series, or a label value is too long. */
export type OverflowReason = 'series' | 'length'

/** How many series of a family processes inherit. Of each combination of the first labels, one does not count. */
export interface InheritanceLimit {
  readonly maxSeries: number
  /** How many labels at the start are limited in another way; an overflow series keeps their values. */
  readonly unlimitedLabels: number
}

/** The definition of a family. */
export interface FamilyOptions {
  readonly name: string
  readonly help: string
  /** @default [] */
  readonly labels?: readonly LabelRule[]
  /** The most series that `admit` adds, without the overflow series. @default no limit */
  readonly maxSeries?: number
  /** Where `admit` is not used, the limit for series of processes that have exited. @default maxSeries */
  readonly inheritanceLimit?: InheritanceLimit | undefined
  /** Seconds from the last write to a series until it expires. @default never */
  readonly expireAfter?: number | undefined
  /** Whether a reset sets the series to 0 in place of removing them. @default false */
  readonly keepsSeriesOnReset?: boolean
  /** Called whenever `admit` returns the overflow series in place of another. @default none */
  readonly onOverflow?: (reason: OverflowReason) => void
}

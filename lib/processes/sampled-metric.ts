import type { DatedFamily } from './samples-format.js'

/** A family of one part of a slot. */
export interface SlotFamily {
  readonly slot: number
  readonly family: DatedFamily
  /** Whether its process is running. */
  readonly isLiving: boolean
}

/** A metric in all slots. */
export interface SampledMetric {
  /** The family of the newest process. Its type, help and aggregator count. */
  readonly newest: DatedFamily
  /** The families of this type, in the order of the slots, and of their parts. */
  readonly families: readonly SlotFamily[]
}

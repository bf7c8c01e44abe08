import type { Family } from '../series/family.js'
import type { SlotReader } from './slot-reader.js'

/** One slot to merge. */
export interface SlotSource {
  readonly reader: SlotReader
  /** Whether its owner is running. Of an owner that has exited, only counters and histograms are merged. */
  readonly isLiving: boolean
  /** The generation of the owner. Until it has written, the gauges are those of the one before. @default any */
  readonly generation?: number | undefined
  /** The names of its files, if the caller has just listed them. @default reads the directory */
  readonly names?: readonly string[] | undefined
}

/** The counts of this process, which are read without the way through files. */
export interface OwnSource {
  /** The slot of this process. */
  readonly slot: number
  /**
   * The generation of this process. Of its files only the base is read; until it has written that, all counts of the
   * owner before are read.
   */
  readonly generation: number
  /** When this process started, in a unit that all processes of the service share. */
  readonly since: number
  readonly families: readonly Family[]
}

export interface MergeOptions {
  readonly slots: readonly SlotSource[]
  /** @default none: all counts are read from files */
  readonly own?: OwnSource | undefined
}

/** A slot that is being merged. */
export interface Source {
  readonly slot: number
  readonly reader: SlotReader | null
  readonly own: OwnSource | null
  /** Gauges of lower generations are those of an owner that has exited. */
  readonly firstWithGauges: number
  readonly names: readonly string[] | undefined
}

/** The slots to merge, in the order in which all processes add them. */
export function sourcesOf (options: MergeOptions): Source[] {
  const { slots } = options
  const own = options.own ?? null
  const sources = slots.map(({ reader, isLiving, generation = 0, names }): Source => {
    const { slot } = reader
    const firstWithGauges = isLiving ? generation : Infinity
    return { slot, reader, own: slot === own?.slot ? own : null, firstWithGauges, names }
  })
  if (own !== null && !sources.some(source => source.own === own)) {
    sources.push({ slot: own.slot, reader: null, own, firstWithGauges: 0, names: undefined })
  }
  return sources.sort((a, b) => a.slot - b.slot)
}

import type { DecimalMark } from './numbers.js'
import type { TableFormat } from './read-records.js'
import type { UnitName } from './units.js'

/** A column that the analysis uses. */
export interface UsedColumn {
  readonly index: number
  readonly name: string
  readonly unit: UnitName
  /** Whether the log names the unit. Otherwise it is the usual one, which the values fit. */
  readonly isLabelled: boolean
}

/** Returns only what is needed to read a column. */
export function toUsedColumn ({ index, name, unit, isLabelled }: UsedColumn): UsedColumn {
  return { index, name, unit, isLabelled }
}

/** The mixtures of a cylinder, or of both with one sensor. */
export interface MixtureColumns {
  readonly cylinder: 'front' | 'rear' | 'both'
  /** Two columns for one sensor of both cylinders: their mean counts. */
  readonly commanded: readonly UsedColumn[]
  readonly measured: UsedColumn
}

/** What is known of a log before its columns are chosen. */
export interface TableHead extends TableFormat {
  readonly decimalMark: DecimalMark
  /** The header. */
  readonly names: readonly string[]
  /** The row below the header that names units, if there is one. */
  readonly unitsRow: readonly string[] | undefined
  /** Number of records between the header and the first row of numbers. */
  readonly skip: number
  /** Whether the rows begin with a number that the analysis does not use, such as the time. */
  readonly isNumbered: boolean
  /** Number of records from the first row of numbers on. */
  readonly rows: number
}

/** Where the values of the analysis are in a log, and in which units. It survives `structuredClone`. */
export interface LogLayout extends TableHead {
  readonly rpm: UsedColumn
  readonly map: UsedColumn
  /** What weights a row: torque; without it, power, from which torque follows, or MAP. */
  readonly weight: UsedColumn & { readonly by: 'torque' | 'power' | 'map' }
  readonly mixtures: readonly MixtureColumns[]
  readonly tps: UsedColumn | undefined
  readonly iat: UsedColumn | undefined
  /** Columns that look useful, but are not used, and why. */
  readonly ignored: ReadonlyArray<{ readonly name: string, readonly reason: string }>
}

/** Returns all columns that the analysis uses. */
export function usedColumns ({ rpm, map, weight, mixtures, tps, iat }: Omit<LogLayout, 'ignored'>): UsedColumn[] {
  const ofMixtures = mixtures.flatMap(({ commanded, measured }) => [...commanded, measured])
  return [rpm, map, weight, ...ofMixtures, tps, iat].filter(column => column !== undefined)
}

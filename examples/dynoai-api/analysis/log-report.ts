import type { LogLayout, UsedColumn } from '../dyno-log/layout.js'
import { STOICHIOMETRIC_AFR, type UnitName } from '../dyno-log/units.js'
import type { RowCounts } from './row-counts.js'

/** A column as it was understood. */
export interface ReportedColumn {
  readonly name: string
  readonly unit: UnitName
  /** Whether the log names the unit. Otherwise it is the usual one, which the values fit. */
  readonly unitNamed: boolean
}

/** How a log was understood, in the format of the API. */
export interface LogReport {
  readonly encoding: string
  readonly separator: string
  readonly decimalMark: string
  /** The line that was taken as the header, counted from 1. */
  readonly headerLine: number
  /** The columns that are used: `rpm`, `map`, `torque` and those of mixtures; `tps` and `iat` where present. */
  readonly columns: Readonly<Record<string, ReportedColumn>>
  /** The cylinders that are corrected; `both` have one sensor. */
  readonly cylinders: ReadonlyArray<'front' | 'rear' | 'both'>
  /** What stands in for the torque that the log does not have. */
  readonly standIn?: string
  /** AFR of lambda 1, where lambda was converted. */
  readonly stoichiometricRatio?: number
  /** Columns that look useful, but are not used, and why. */
  readonly ignored: LogLayout['ignored']
  /** What happened to the rows; only after the analysis. */
  readonly rows?: RowCounts
  /** Number of measurements of each cylinder that were used; only after the analysis. */
  readonly samples?: Readonly<Partial<Record<'front' | 'rear' | 'both', number>>>
}

const STAND_INS = {
  power: 'Torque is power × 5252 / rpm.',
  map: 'MAP weights the rows, because the log has neither torque nor power.'
} as const

const SEPARATOR_NAMES = { ',': 'comma', '\t': 'tab', ';': 'semicolon' } as const

/** Describes how a log was understood. */
export function reportLayout (layout: LogLayout): LogReport {
  const { weight, mixtures } = layout
  const mixtureColumns = mixtures.flatMap(({ cylinder, commanded, measured }): Array<[string, UsedColumn]> => {
    const suffix = cylinder === 'both' ? '' : cylinder === 'front' ? 'Front' : 'Rear'
    return [
      ...commanded.map((column, index): [string, UsedColumn] =>
        [`commanded${commanded.length === 1 ? suffix : index === 0 ? 'Front' : 'Rear'}`, column]),
      [`measured${suffix}`, measured]
    ]
  })
  const columns: Array<[string, UsedColumn | undefined]> = [
    ['rpm', layout.rpm],
    ['map', layout.map],
    [weight.by, weight],
    ...mixtureColumns,
    ['tps', layout.tps],
    ['iat', layout.iat]
  ]
  return {
    encoding: layout.encoding,
    separator: SEPARATOR_NAMES[layout.separator],
    decimalMark: layout.decimalMark,
    headerLine: layout.headerLine,
    columns: Object.fromEntries(columns.flatMap(([key, column]) =>
      column === undefined ? [] : [[key, report(column)]])),
    cylinders: mixtures.map(({ cylinder }) => cylinder),
    ...weight.by !== 'torque' && { standIn: STAND_INS[weight.by] },
    ...mixtureColumns.some(([, { unit }]) => unit === 'lambda') && { stoichiometricRatio: STOICHIOMETRIC_AFR },
    ignored: layout.ignored
  }
}

function report ({ name, unit, isLabelled }: UsedColumn): ReportedColumn {
  return { name, unit, unitNamed: isLabelled }
}

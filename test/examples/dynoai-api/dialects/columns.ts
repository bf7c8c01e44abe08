import type { Cylinder } from './truth.js'
import { values, type Column } from './write-log.js'

/** The names of the columns in one style. A column with the name `undefined` is left out. */
export interface ColumnNames {
  readonly time?: string
  readonly rpm?: string
  readonly map?: string
  readonly torque?: string | undefined
  readonly tps?: string | undefined
  readonly iat?: string | undefined
  /** One name for both cylinders, or one for each. */
  readonly commanded?: string | readonly [front: string, rear: string]
  readonly measured?: string | readonly [front: string, rear: string]
}

/** The units of the columns; by default those of the analysis. */
export interface ColumnUnits {
  readonly rpm?: 'rpm' | 'krpm'
  readonly map?: 'kPa' | 'mbar' | 'bar' | 'inHg' | 'psi'
  readonly torque?: 'lbFt' | 'Nm' | 'hp' | 'kW'
  readonly iat?: 'fahrenheit' | 'celsius'
  readonly commanded?: 'cmdAfr' | 'cmdLambda'
  readonly measured?: 'measAfr' | 'measLambda'
}

/** The names of WinPEP. */
export const WINPEP = {
  time: 'Time',
  rpm: 'RPM',
  map: 'MAP_kPa',
  torque: 'Torque',
  tps: 'TPS',
  iat: 'IAT',
  commanded: ['AFR_Cmd_F', 'AFR_Cmd_R'],
  measured: ['AFR_Meas_F', 'AFR_Meas_R']
} as const satisfies ColumnNames

/** Returns the columns with these names, in these units. Other names are those of WinPEP. */
export function columnsOf (names: ColumnNames = {}, units: ColumnUnits = {}): Column[] {
  const all: ColumnNames = { ...WINPEP, ...names }
  const column = (name: string | undefined, text: Column[1]): Column[] => name === undefined ? [] : [[name, text]]
  const measured = values[units.measured ?? 'measAfr']
  const measuredColumns = typeof all.measured === 'object'
    ? (['front', 'rear'] as const).flatMap((cylinder: Cylinder, index) =>
        column(all.measured?.[index], measured(cylinder)))
    : column(all.measured, measured('both'))
  const commanded = typeof all.commanded === 'object' ? all.commanded : [all.commanded]
  return [
    ...column(all.time, values.time),
    ...column(all.rpm, values[units.rpm ?? 'rpm']),
    ...column(all.map, values[units.map ?? 'kPa']),
    ...column(all.torque, values[units.torque ?? 'lbFt']),
    ...column(all.tps, values.percent),
    ...column(all.iat, values[units.iat ?? 'fahrenheit']),
    ...commanded.flatMap(name => column(name, values[units.commanded ?? 'cmdAfr'])),
    ...measuredColumns
  ]
}

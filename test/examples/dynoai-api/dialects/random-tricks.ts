import type { Cylinder, TrueRow } from './truth.js'
import type { Column } from './write-log.js'

/** A column that misleads: it stands in place of a column of the log. */
export interface Trick {
  readonly replaces: 'map' | 'measuredFront'
  readonly column: Column
}

const vacuum = (factor: number) => ({ map }: TrueRow) => ((100 - map) / factor).toFixed(2)
const measured = (cylinder: Cylinder, { commanded, error }: TrueRow) => commanded * (100 + error[cylinder]) / 100
const inverse = (row: TrueRow) => (1 / measured('front', row)).toFixed(4)
const ethanol = (row: TrueRow) => (9.765 * measured('front', row)).toFixed(3)
const millivolts = ({ error, rpm }: TrueRow) => String(error.front > 0 ? 10 + rpm % 8 : 700 + rpm % 180)

/** Columns whose values no reader can use. Their names look as if it could. */
export const TRICKS: readonly Trick[] = [
  ...['MAP', 'MAP (kPa)', 'Manifold Pressure kPa'].map(name => (
    { replaces: 'map', column: [name, vacuum(1)] } as const)),
  ...['MAP', 'MAP (inHg)', 'MAP inHg', 'MAP (bar)'].map(name => (
    { replaces: 'map', column: [name, vacuum(3.386389)] } as const)),
  ...['1/Lambda F', 'Lambda^-1 F', 'EQ Ratio F', 'Lambda F (phi)', 'AFR F [EQR]', 'AFR Meas F'].map(name => (
    { replaces: 'measuredFront', column: [name, inverse] } as const)),
  ...['AFR Meas F', 'WB AFR Front', 'AFR F'].map(name => (
    { replaces: 'measuredFront', column: [name, ethanol] } as const)),
  ...['O2 F', 'AFR F', 'O2 Sensor 1'].map(name => (
    { replaces: 'measuredFront', column: [name, millivolts] } as const))
]

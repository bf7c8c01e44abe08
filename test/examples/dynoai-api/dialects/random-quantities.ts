import type { Trick } from './random-tricks.js'
import { values, type Column } from './write-log.js'

/** A quantity: the units in which it may be written, with the spellings of each, and its names in words. */
export interface FuzzedQuantity {
  readonly units: ReadonlyArray<readonly [text: Column[1], spellings: readonly string[]]>
  readonly names: readonly string[]
  /** Which columns a misleading one may stand in for. */
  readonly key?: Trick['replaces']
}

const RPM_UNITS = [
  [values.rpm, ['rpm', '1/min', 'RPM', 'min-1', 'U/min']],
  [values.krpm, ['x1000', '1000 rpm', 'krpm', 'rpm x 1000', '1000/min', '1/min x 1000']]
] as const
const MAP_UNITS = [
  [values.kPa, ['kPa', 'KPA', 'kPa abs']], [values.mbar, ['mbar', 'hPa']], [values.bar, ['bar']],
  [values.inHg, ['inHg', 'in Hg']], [values.psi, ['psi', 'psia']]
] as const
const mixture = (afr: Column[1], lambda: Column[1]) =>
  [[afr, ['AFR', ':1']], [lambda, ['lambda', 'λ']]] as const

/** The columns of a log, in all units. */
export const QUANTITIES: readonly FuzzedQuantity[] = [
  { units: RPM_UNITS, names: ['RPM', 'Engine RPM', 'Engine Speed', 'Motor RPM'] },
  {
    key: 'map',
    units: MAP_UNITS,
    names: ['MAP', 'Manifold Pressure', 'Manifold Absolute Pressure', 'MAP Sensor', 'Intake MAP']
  },
  {
    units: [
      [values.lbFt, ['ft-lb', 'lb·ft', 'ft lbs']], [values.Nm, ['Nm', 'N·m']], [values.lbFt, ['ft-lb']]
    ],
    names: ['Torque', 'TQ', 'Engine Torque', 'Torque Drum 1']
  },
  { units: [[values.percent, ['%', 'percent']]], names: ['TPS', 'Throttle Position', 'Throttle'] },
  {
    units: [[values.fahrenheit, ['°F', 'deg F', 'F']], [values.celsius, ['°C', 'degC', 'C']]],
    names: ['IAT', 'Intake Air Temp', 'MAT']
  },
  {
    units: mixture(values.cmdAfr, values.cmdLambda),
    names: ['AFR Cmd F', 'AFR Target F', 'Commanded AFR Front', 'Lambda Target F', 'AFR Target', 'Target Lambda',
      'AFR Target 1']
  },
  {
    units: mixture(values.cmdAfr, values.cmdLambda),
    names: ['AFR Cmd R', 'AFR Target R', 'Commanded AFR Rear', 'Lambda Target R', 'AFR Target 2', 'AFR Cmd R']
  },
  {
    key: 'measuredFront',
    units: mixture(values.measAfr('front'), values.measLambda('front')),
    names: ['AFR Meas F', 'WB AFR Front', 'measured afr f', 'Lambda Front', 'WBO2 F', 'AFR 1', 'Lambda 1', 'LC1 AFR F']
  },
  {
    units: mixture(values.measAfr('rear'), values.measLambda('rear')),
    names: ['AFR Meas R', 'WB AFR Rear', 'measured afr r', 'Lambda Rear', 'WBO2 R', 'AFR 2', 'Lambda 2', 'LC2 AFR R']
  }
]

/** Columns that only resemble those that are needed, with values that would be plausible. */
export const DECOYS: readonly Column[] = [
  ['RPM Limit', values.constant('6200')], ['Idle RPM Target', values.constant('3000')], ['Drum RPM',
    values.constant('2500')],
  ['MAP Target', values.constant('80')], ['Baro (kPa)', values.constant('99')], ['Boost (psi)', values.constant('14')],
  ['Fuel Pressure (kPa)', values.constant('95')], ['MAP Voltage', values.constant('65')], ['Torque Limit',
    values.constant('90')],
  ['AFR Error F', values.constant('12.5')], ['AFR Trim R', values.constant('13.5')], ['Lambda Correction',
    values.constant('0.9')],
  ['EGO cor1', values.constant('100')], ['O2 Sensor Voltage', values.constant('0.8')], ['Target AFR Error',
    values.constant('13')],
  ['VE F', values.constant('85')], ['Time', values.time], ['rpm/s', values.constant('1200')], ['Engine Temp (F)',
    values.constant('200')]
]

import type { Random } from '../../../fixtures/random.js'
import { randomName, randomPrefix } from './random-name.js'
import type { TrueRow } from './truth.js'
import { values, type Column, type LogStyle } from './write-log.js'

/** A quantity: the units in which it may be written, with the spellings of each, and its names in words. */
interface FuzzedQuantity {
  readonly units: ReadonlyArray<readonly [text: Column[1], spellings: readonly string[]]>
  readonly names: readonly string[]
}

const RPM_UNITS = [
  [values.rpm, ['rpm', '1/min', 'RPM', 'min-1']], [values.krpm, ['x1000', '1000 rpm', 'krpm', 'rpm x 1000']]
] as const
const MAP_UNITS = [
  [values.kPa, ['kPa', 'KPA', 'kPa abs']], [values.mbar, ['mbar', 'hPa']], [values.bar, ['bar']],
  [values.inHg, ['inHg', 'in Hg']], [values.psi, ['psi', 'psia']]
] as const
const mixture = (afr: Column[1], lambda: Column[1]) =>
  [[afr, ['AFR', ':1']], [lambda, ['lambda', 'λ']]] as const

const QUANTITIES: readonly FuzzedQuantity[] = [
  { units: RPM_UNITS, names: ['RPM', 'Engine RPM', 'Engine Speed', 'Motor RPM'] },
  { units: MAP_UNITS, names: ['MAP', 'Manifold Pressure', 'Manifold Absolute Pressure', 'MAP Sensor', 'Intake MAP'] },
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
    units: mixture(values.measAfr('front'), values.measLambda('front')),
    names: ['AFR Meas F', 'WB AFR Front', 'measured afr f', 'Lambda Front', 'WBO2 F', 'AFR 1', 'Lambda 1', 'LC1 AFR F']
  },
  {
    units: mixture(values.measAfr('rear'), values.measLambda('rear')),
    names: ['AFR Meas R', 'WB AFR Rear', 'measured afr r', 'Lambda Rear', 'WBO2 R', 'AFR 2', 'Lambda 2', 'LC2 AFR R']
  }
]

/** Columns that only resemble those that are needed, with values that would be plausible. */
const DECOYS: readonly Column[] = [
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

/** UTF-16 without a mark is refused. */
const ENCODINGS = [
  ...Array<'utf8'>(9).fill('utf8'), 'utf8-mark', 'utf16le-mark', 'utf16le-mark', 'utf16be-mark', 'utf16le'
] as const

/** How often a column is left out, gets an unknown name, is written twice, or has no label of an unusual unit. */
const LEFT_OUT = 0.02
const UNKNOWN_NAME = 0.02
const TWICE = 0.04
const UNLABELLED = 0.03

/**
 * Writes a log in a random way. A label names the unit of its column, but one label in a log of complete runs may be
 * wrong.
 */
export function createStyle (random: Random, mayLie: boolean): LogStyle {
  const { float, pick } = random
  const liar = mayLie && float() < 0.4 ? pick(QUANTITIES) : undefined
  const separator = pick([',', '\t', ';'] as const)
  const written: Array<{ column: Column, unitsRow: string }> = []
  for (const quantity of QUANTITIES) {
    if (float() < LEFT_OUT) continue
    written.push(writeColumn(random, quantity, quantity === liar))
    if (float() < TWICE) written.push(writeColumn(random, quantity, false))
  }
  while (float() < 0.6) written.push({ column: pick(DECOYS), unitsRow: '' })
  const shuffled = shuffle(random, written)
  const number = pickNumberStyle(random, separator)
  const hasUnitsRow = shuffled.some(({ unitsRow }) => unitsRow !== '')
  return {
    separator,
    columns: shuffled.map(({ column: [name, text] }) => [name.includes(separator) ? `"${name}"` : name, text]),
    below: hasUnitsRow ? [shuffled.map(({ unitsRow }) => unitsRow).join(separator)] : [],
    preamble: pick<readonly string[]>([[], [], ['RPM,1500,5500'], ['Run 12 "stock', ''], ['RPM and MAP in this log',
      '', 'sep=,']]),
    lineEnd: pick(['\n', '\r\n', '\r'] as const),
    encoding: pick(ENCODINGS),
    number
  }
}

function writeColumn (random: Random, { units, names }: FuzzedQuantity, isLiar: boolean) {
  const { float, pick } = random
  const [text, spellings] = pick(units)
  const others = units.filter(([other]) => other !== text)
  const label = pick(isLiar && others.length > 0 ? pick(others)[1] : spellings)
  const isLabelled = isLiar || float() > (text === units[0]?.[0] ? 0.5 : UNLABELLED)
  const place = isLabelled ? pick(['brackets', 'square', 'end', 'row', 'behind'] as const) : undefined
  const plain = float() < UNKNOWN_NAME ? pick(['Channel 7', 'Sensor X', 'Value']) : randomName(random, pick(names))
  const named = {
    brackets: `${plain} (${label})`, square: `${plain} [${label}]`, end: `${plain} ${label}`, row: plain, behind: plain
  }
  const name = place === undefined ? plain : named[place]
  return {
    column: [
      randomPrefix(random) + name, place === 'behind' ? (row: TrueRow) => `${text(row)} ${label}` : text
    ] as const,
    unitsRow: place === 'row' ? label : ''
  }
}

function pickNumberStyle ({ pick }: Random, separator: string): (text: string) => string {
  const change = (whole: string, mark: string) => (text: string) => {
    const [, digits = '', decimals, rest = ''] = /^(\d*)(?:\.(\d+))?(.*)$/s.exec(text) ?? []
    return digits.replace(/\B(?=(\d{3})+$)/g, whole) + (decimals === undefined ? '' : mark + decimals) + rest
  }
  const styles = [change('', '.'), change('', '.'), change('', ','), change(',', '.'), change('.', ','), change(' ',
    '.'), change("'", ',')]
  const style = pick(styles)
  const isQuoted = separator === ',' && pick([true, true, false])
  return isQuoted ? text => `"${style(text)}"` : style
}

function shuffle <T> ({ integer }: Random, items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(integer(0, left.length - 1), 1)[0]!) // As many as there are.
}

import { STOICHIOMETRIC_AFR } from '../../../../examples/dynoai-api/dyno-log/units.js'
import type { Cylinder, TrueRow } from './truth.js'

/** How a program writes a log. */
export interface LogStyle {
  readonly separator: ',' | '\t' | ';'
  readonly columns: readonly Column[]
  readonly lineEnd?: '\n' | '\r\n' | '\r'
  readonly encoding?: 'utf8' | 'utf8-mark' | 'utf16le-mark' | 'utf16be-mark' | 'utf16le' | 'latin1'
  /** Lines above the header. */
  readonly preamble?: readonly string[]
  /** Lines between the header and the rows. */
  readonly below?: readonly string[]
  /** Writes the number of a field. */
  readonly number?: (text: string) => string
  /** Changes the finished lines of the rows. */
  readonly finish?: (lines: string[], header: string) => string[]
}

/** A column: its name, and its text in a row. */
export type Column = readonly [name: string, text: (row: TrueRow) => string]

/** Values in several units, with as many decimals as programs write at least. */
export const values = {
  time: ({ seconds }: TrueRow) => seconds.toFixed(3),
  rpm: ({ rpm }: TrueRow) => String(rpm),
  krpm: ({ rpm }: TrueRow) => (rpm / 1000).toFixed(3),
  kPa: ({ map }: TrueRow) => map.toFixed(1),
  mbar: ({ map }: TrueRow) => (10 * map).toFixed(0),
  bar: ({ map }: TrueRow) => (map / 100).toFixed(3),
  inHg: ({ map }: TrueRow) => (map / 3.386389).toFixed(2),
  psi: ({ map }: TrueRow) => (map / 6.894757).toFixed(2),
  lbFt: ({ torque }: TrueRow) => torque.toFixed(1),
  Nm: ({ torque }: TrueRow) => (torque / 0.7375621).toFixed(1),
  hp: ({ torque, rpm }: TrueRow) => (torque * rpm / 5252).toFixed(2),
  kW: ({ torque, rpm }: TrueRow) => (torque * rpm / 5252 / 1.341022).toFixed(2),
  percent: ({ tps }: TrueRow) => tps.toFixed(1),
  fahrenheit: ({ iat }: TrueRow) => iat.toFixed(1),
  celsius: ({ iat }: TrueRow) => ((iat - 32) / 1.8).toFixed(1),
  cmdLambda: ({ commanded }: TrueRow) => commanded.toFixed(2),
  cmdAfr: ({ commanded }: TrueRow) => (STOICHIOMETRIC_AFR * commanded).toFixed(3),
  measLambda: (cylinder: Cylinder) => ({ commanded, error }: TrueRow) =>
    (commanded * (100 + error[cylinder]) / 100).toFixed(4),
  measAfr: (cylinder: Cylinder) => ({ commanded, error }: TrueRow) =>
    (STOICHIOMETRIC_AFR * commanded * (100 + error[cylinder]) / 100).toFixed(5),
  constant: (text: string) => () => text
}

/** Writes a log in the way a program does. */
export function writeLog (rows: readonly TrueRow[], style: LogStyle): Buffer {
  const { separator, columns, lineEnd = '\r\n', preamble = [], below = [], number = text => text } = style
  const header = columns.map(([name]) => name).join(separator)
  const lines = rows.map(row => columns.map(([, text]) => number(text(row))).join(separator))
  const finished = style.finish?.(lines, header) ?? lines
  return encode([...preamble, header, ...below, ...finished, ''].join(lineEnd), style.encoding ?? 'utf8')
}

function encode (text: string, encoding: NonNullable<LogStyle['encoding']>): Buffer {
  if (encoding === 'utf8-mark') return Buffer.from(`\uFEFF${text}`)
  if (encoding === 'utf16le-mark') return Buffer.from(`\uFEFF${text}`, 'utf16le')
  if (encoding === 'utf16be-mark') return Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()
  // A text with other characters, such as λ, cannot be Windows-1252.
  return Buffer.from(text, encoding === 'latin1' && /[^\n\r\t -~\u00a0-\u00ff]/.test(text) ? 'utf8' : encoding)
}

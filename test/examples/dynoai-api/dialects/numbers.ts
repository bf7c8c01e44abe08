import { columnsOf } from './columns.js'
import { BOTH, type Dialect } from './dialect.js'
import type { Column } from './write-log.js'

const ECU_ONLY = { torque: undefined, iat: undefined, tps: undefined }
/** Writes groups of three digits. */
const grouped = (group: string, mark: string) => (text: string) => {
  const [whole = '', decimals] = text.split('.')
  return whole.replace(/\B(?=(\d{3})+$)/g, group) + (decimals === undefined ? '' : mark + decimals)
}
const UNITS_BEHIND: Readonly<Record<string, string>> = { RPM: ' rpm', MAP: ' inHg', AFR_Meas_F: ':1' }
const withUnit = (name: string, text: Column[1]): Column[1] => row => text(row) + (UNITS_BEHIND[name] ?? '')
const quoted = (text: string) => `"${text}"`

/** Ways to write numbers, and the text above a header. */
export const numberDialects: readonly Dialect[] = [
  {
    name: 'units behind values',
    style: {
      separator: ';',
      columns: columnsOf({ ...ECU_ONLY, map: 'MAP' }, { map: 'inHg' }).map(([name, text]) =>
        [name, withUnit(name, text)])
    },
    gives: { ...BOTH, note: 'MAP weights the rows', log: { columns: { map: { unit: 'inHg' } } } }
  },
  {
    name: 'thousands separated by commas, in quotes',
    style: { separator: ',', columns: columnsOf(), number: text => quoted(grouped(',', '.')(text)) },
    gives: BOTH
  },
  {
    name: 'thousands separated by points, decimal commas',
    style: { separator: ';', columns: columnsOf(), number: grouped('.', ',') },
    gives: { ...BOTH, log: { decimalMark: ',' } }
  },
  {
    name: 'thousands separated by spaces, decimal commas',
    style: { separator: '\t', columns: columnsOf(), number: grouped('\u00a0', ',') },
    gives: BOTH
  },
  {
    name: 'thousands separated by apostrophes',
    style: { separator: ';', columns: columnsOf(), number: grouped("'", '.') },
    gives: BOTH
  },
  {
    name: 'a preamble about RPM',
    style: {
      separator: ',',
      columns: columnsOf(),
      preamble: [
        'Dyno run 12', 'RPM,1500,5500', 'RPM range: 1500 to 5500, MAP: 35 to 95', 'Columns: RPM, MAP, Torque', ''
      ]
    },
    gives: { ...BOTH, log: { headerLine: 6 } }
  },
  {
    name: 'a preamble with a single quotation mark',
    style: { separator: ',', columns: columnsOf(), preamble: ['"The customer said, it runs lean', 'sep=,'] },
    gives: { ...BOTH, log: { headerLine: 3 } }
  }
]

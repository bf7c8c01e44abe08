import type { NamedColumn } from './column-name.js'
import { dimensionOfKey } from './column-name.js'
import { provenMark, readValue, type DecimalMark } from './numbers.js'
import { isMixture } from './quantities.js'
import type { Header } from './read-head.js'
import { dimensionOf, parseUnit } from './units.js'

/** What the first records of a log say about the others. */
export interface Sample {
  /** The sign before decimals; `undefined` when the numbers allow both or contradict each other. */
  readonly decimalMark: DecimalMark | undefined
  /** The row below the header that names units, if there is one. */
  readonly unitsRow: readonly string[] | undefined
  /** Number of records between the header and the first row of numbers. */
  readonly skip: number
  /** The texts behind the numbers of each column that the analysis uses. */
  readonly suffixes: ReadonlyArray<readonly string[]>
}

/** Number of records between the header and the first row of numbers, at most. */
const MAX_SKIP = 5

/** Longer texts are no units, and messages must not repeat them. */
const MAX_SUFFIX_LENGTH = 40

/** Examines the first records below the header. */
export function examine (records: ReadonlyArray<readonly string[]>, { columns }: Header): Sample {
  const used = columns.flatMap((column, index) => column === undefined ? [] : [{ index, column }])
  const rpm = used.filter(({ column }) => column.key === 'rpm').map(({ index }) => index)
  const skip = Math.max(0, records.slice(0, MAX_SKIP + 1).findIndex(record =>
    rpm.some(index => /^\W*\d/.test(record[index] ?? ''))))
  const unitsRow = records.slice(0, skip).find(record =>
    used.some(({ index, column }) => namesUnit(record[index] ?? '', column)))
  const rows = records.slice(skip)
  const marks = new Set<DecimalMark | 'unclear'>()
  for (const { index, column } of used) {
    for (const row of rows) {
      const field = row[index] ?? ''
      const mark = provenMark(field, isMixture(column.key))
      if (mark !== undefined) marks.add(mark)
      else if (/\d[.,]\d/.test(field)) marks.add('unclear')
    }
  }
  const [mark = '.'] = [...marks].filter(mark => mark !== 'unclear')
  const isClear = marks.has('.') !== marks.has(',') || marks.size === 0
  const findSuffixes = (column: NamedColumn | undefined, index: number): string[] => {
    if (column === undefined) return []
    const texts = rows.map(row => readValue(row[index] ?? '', mark).suffix.slice(0, MAX_SUFFIX_LENGTH))
    return [...new Set(texts)].filter(text => text !== '')
  }
  return { decimalMark: isClear ? mark : undefined, unitsRow, skip, suffixes: columns.map(findSuffixes) }
}

/** Whether a field below the header names a unit that fits the column. */
function namesUnit (field: string, { key }: NamedColumn): boolean {
  const unit = parseUnit(field)
  return unit !== undefined && dimensionOf(unit) === dimensionOfKey(key)
}

import { differ, dimensionOfKey, readColumnName, type NamedColumn } from './column-name.js'
import { SecondHeaderError } from './errors.js'
import { provenMark, readValue, type DecimalMark } from './numbers.js'
import { isMixture } from './quantities.js'
import type { Header } from './read-head.js'
import { dimensionOf, isForeignUnit, parseUnit } from './units.js'

/** What the first records of a log say about the others. */
export interface Sample {
  /** The sign before decimals; `undefined` when the numbers allow both or contradict each other. */
  readonly decimalMark: DecimalMark | undefined
  /** The row below the header that names units, if there is one. */
  readonly unitsRow: readonly string[] | undefined
  /** Number of records between the header and the first row. */
  readonly skip: number
  /** Whether the rows begin with a number that the analysis does not use, such as the time. */
  readonly isNumbered: boolean
  /** The texts behind the numbers of each column that the analysis uses. */
  readonly suffixes: ReadonlyArray<readonly string[]>
}

/** Longer texts are no units, and messages must not repeat them. */
const MAX_SUFFIX_LENGTH = 40

/** So many rows that begin with a number show that the others do, too. */
const NUMBERED_ROWS = 3

/** Examines the first records below the header. */
export function examine (records: ReadonlyArray<readonly string[]>, { columns, names }: Header): Sample {
  const used = columns.flatMap((column, index) => column === undefined ? [] : [{ index, column }])
  const isRow = (record: readonly string[]) => used.some(({ index }) => isValue(record[index] ?? '')) ||
    (record.length >= names.length && record.some(isValue))
  const firstRow = records.findIndex(isRow)
  const above = firstRow === -1 ? records : records.slice(0, firstRow)
  const headers = above.filter(record => isHeader(record, used.map(({ index }) => index)))
  const readUsed = (field: string, index: number) =>
    columns[index] === undefined ? undefined : readColumnName(field)
  if (headers.some(header => differ(header.map(readUsed), columns))) throw new SecondHeaderError()
  const unitsRow = above.find(record => !headers.includes(record) &&
    used.some(({ index, column }) => namesUnit(record[index] ?? '', column)))
  const skip = firstRow === -1 && unitsRow !== undefined ? above.indexOf(unitsRow) + 1 : Math.max(0, firstRow)
  const rows = records.slice(skip)
  const isNumbered = columns[0] === undefined && rows.length >= NUMBERED_ROWS &&
    rows.slice(0, NUMBERED_ROWS).every(row => isValue(row[0]!)) // Every record has a field.
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
  return { decimalMark: isClear ? mark : undefined, unitsRow, skip, isNumbered, suffixes: columns.map(findSuffixes) }
}

/** Whether a record below the header is another header, not a row of units, which names no commanded mixture. */
function isHeader (record: readonly string[], used: readonly number[]): boolean {
  return used.some(index => readColumnName(record[index] ?? '')?.key.startsWith('commanded'))
}

/** Whether a field is a number, with or without a unit, and not a unit such as `1/min`. */
function isValue (field: string): boolean {
  const text = field.trim()
  return /^["'=+−-]*[.,]?\d/.test(text) && (/^[\d.,]+$/.test(text) || parseUnit(text) === undefined)
}

/** Whether a field below the header names a unit that fits the column, or one that the example does not convert. */
function namesUnit (field: string, { key }: NamedColumn): boolean {
  const unit = parseUnit(field)
  return unit === undefined ? isForeignUnit(field) : dimensionOf(unit) === dimensionOfKey(key)
}

import { BinaryLogError, EmptyLogError, MissingColumnsError } from './errors.js'

/** The position of a log's header and the delimiter of its fields. */
export interface Header {
  /** Counted from 1. */
  readonly line: number
  readonly delimiter: string
}

const DELIMITERS = [',', '\t', ';'] as const

// The accepted names of each column, in order of preference.
const REQUIRED = {
  rpm: ['rpm'],
  map: ['map kpa', 'map', 'kpa'],
  torque: ['torque'],
  afrCommandedFront: ['afr cmd f'],
  afrCommandedRear: ['afr cmd r'],
  afrMeasuredFront: ['afr meas f'],
  afrMeasuredRear: ['afr meas r']
} as const
const OPTIONAL = { tps: ['tps'], iat: ['iat'] } as const

type Column = keyof typeof REQUIRED | keyof typeof OPTIONAL

/** The position of each column that the analysis reads; -1 for an optional column that the log does not have. */
export type Columns = Readonly<Record<Column, number>>

/** Finds the header in the first lines of a log: the first line with an RPM column. Other text may precede it. */
export function detectHeader (head: string): Header {
  if (head.includes('\0')) throw new BinaryLogError()
  let firstWithText: Header | undefined
  for (const [index, line] of head.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() === '') continue
    const delimiter = mostFrequentDelimiter(line)
    const header = { line: index + 1, delimiter }
    if (line.split(delimiter).some(field => normalise(field) === 'rpm')) return header
    firstWithText ??= header
  }
  if (firstWithText === undefined) throw new EmptyLogError()
  // No line has an RPM column: `findColumns` reports the missing columns of the first line with text.
  return firstWithText
}

/** Finds the columns by the names in the header; throws when a required one is missing. */
export function findColumns (header: readonly string[]): Columns {
  const names = header.map(normalise)
  const position = (aliases: readonly string[]) => names.indexOf(aliases.find(alias => names.includes(alias)) ?? '\0')
  const columns = Object.fromEntries(
    Object.entries({ ...REQUIRED, ...OPTIONAL }).map(([column, aliases]) => [column, position(aliases)])
  ) as Record<Column, number>
  const missing = Object.values(REQUIRED).filter(aliases => position(aliases) === -1)
  if (missing.length > 0) {
    throw new MissingColumnsError(missing.map(([name]) => name.replaceAll(' ', '_')).join(', '))
  }
  return columns
}

function mostFrequentDelimiter (line: string): string {
  const count = (delimiter: string) => line.split(delimiter).length
  return DELIMITERS.reduce((best, delimiter) => count(delimiter) > count(best) ? delimiter : best)
}

function normalise (name: string): string {
  return name.replace(/^\uFEFF/, '').replace(/^\s*"|"\s*$/g, '').replace(/[_\s]+/g, ' ').trim().toLowerCase()
}

import { decode, type Encoding } from './encoding.js'
import { readLog, type Log } from './log.js'
import { readLines } from './read-lines.js'
import { splitLines, type Separator } from './split-lines.js'

/** How the text of a log is divided into records. */
export interface TableFormat {
  readonly encoding: Encoding
  readonly separator: Separator
  /** The line of the header, counted from 1. */
  readonly headerLine: number
}

/** A word at the start of a field. A sensor may write NaN. */
const WORD = /^[^\p{L}\p{N}]*(?!nan\b|n\/a\b)\p{L}/iu

/** Yields the records of each piece of a log, the header first. Throws an error with a sentence for a bad table. */
export async function * readRecords (log: Log, format: TableFormat): AsyncGenerator<Array<readonly string[]>> {
  const { encoding, separator, headerLine } = format
  for await (const { first, texts } of readLines(decode(readLog(log), encoding))) {
    const above = Math.max(0, headerLine - first)
    yield splitLines({ first: first + above, texts: texts.slice(above) }, separator)
  }
}

/** Returns the number of columns of a header. Separators at its end are no names. */
export function countNamed (names: readonly string[]): number {
  return names.findLastIndex(name => name.trim() !== '') + 1
}

/** Whether a record has more fields than the header has columns, so that its fields are in the wrong columns. */
export function isTooLong (record: readonly string[], columns: number): boolean {
  return record.length > columns && record.slice(columns).some(field => field.trim() !== '')
}

/** Whether a record begins with a word, such as `Max`. */
export function isLabelled (record: readonly string[]): boolean {
  // Every record has a field.
  return WORD.test(record[0]!)
}

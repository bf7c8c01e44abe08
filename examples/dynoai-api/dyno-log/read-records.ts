import { pipeline, Readable } from 'node:stream'
import { CsvError, parse, type Options } from 'csv-parse'
import { decode, type Encoding } from './encoding.js'
import { MalformedLogError, UnclosedQuoteError } from './errors.js'
import { limitLines } from './limit-lines.js'
import { readLog, type Log } from './log.js'
import { skipLines } from './skip-lines.js'

/** How the text of a log is divided into records. */
export interface TableFormat {
  readonly encoding: Encoding
  readonly separator: Separator
  /** The line of the header, counted from 1. */
  readonly headerLine: number
}

/** The separators of fields that the example reads. */
export const SEPARATORS = [',', '\t', ';'] as const

/** A separator of fields. */
export type Separator = typeof SEPARATORS[number]

/** Much longer than any row of a dyno log, and small enough to keep in memory. */
const MAX_ROW_LENGTH = 65_536

/** Options of the parser. Stray quotes inside a field, such as inch marks, are part of it. */
export const CSV_OPTIONS = {
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: MAX_ROW_LENGTH // `limitLines` does not limit a quoted field of many lines.
} satisfies Options

/** Yields the records of a log, the header first. Throws an error with a sentence for a bad table. */
export async function * readRecords (log: Log, format: TableFormat): AsyncGenerator<readonly string[]> {
  const chunks = readLog(log)
  try {
    const parser = parse({ ...CSV_OPTIONS, delimiter: format.separator })
    const text = limitLines(skipLines(decode(chunks, format.encoding), format.headerLine - 1), MAX_ROW_LENGTH)
    // The loop below receives errors from the parser, so the callback has nothing to do.
    pipeline(Readable.from(text), parser, () => {})
    for await (const record of parser as AsyncIterable<string[]>) {
      if (record.some(spansLines)) {
        throw new MalformedLogError(`a quotation mark opens a field of several lines: '${excerpt(record)}'`)
      }
      yield record
    }
  } catch (error) {
    throw error instanceof CsvError ? toLogError(error) : error
  }
}

/**
 * Whether a record has more fields than the header has names, so that its fields are in the wrong columns. Separators
 * at the end of the header are no names.
 */
export function isTooLong (record: readonly string[], names: readonly string[]): boolean {
  const named = names.findLastIndex(name => name.trim() !== '') + 1
  return record.length > named && record.slice(named).some(field => field.trim() !== '')
}

function spansLines (field: string): boolean {
  return field.includes('\n') || field.includes('\r')
}

function excerpt (record: readonly string[]): string {
  return record.find(spansLines)!.trim().slice(0, 40).replace(/\s+/g, ' ') // Called for a record with such a field.
}

function toLogError ({ code }: CsvError): Error {
  // With `CSV_OPTIONS`, the parser has no other errors.
  return code === 'CSV_MAX_RECORD_SIZE'
    ? new MalformedLogError(`a row is longer than ${MAX_ROW_LENGTH} characters`)
    : new UnclosedQuoteError()
}

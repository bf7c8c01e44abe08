import { parse, type Options } from 'csv-parse/sync'
import { MalformedLogError, UnclosedQuoteError } from './errors.js'
import type { Lines } from './read-lines.js'

/** The separators of fields that the example reads. */
export const SEPARATORS = [',', '\t', ';'] as const

/** A separator of fields. */
export type Separator = typeof SEPARATORS[number]

/** Twice the columns of the widest logs. A line of empty fields needs many times the memory of its text. */
export const MAX_SEPARATORS = 1000

/** Options of the parser. Stray quotes inside a field, such as inch marks, are part of it. */
const CSV_OPTIONS = { record_delimiter: '\n', relax_quotes: true, relax_column_count: true } satisfies Options

/** Returns the fields of each line that is not empty; throws an error with the number of a line that has none. */
export function splitLines ({ first, texts }: Lines, separator: Separator): Array<readonly string[]> {
  const records: string[][] = []
  const quoted: Array<{ readonly line: number, readonly text: string, readonly record: number }> = []
  for (const [index, text] of texts.entries()) {
    if (text === '') continue
    const line = first + index
    const fields = splitPlain(text, separator, line)
    // Only a parser can read quotation marks. It needs ten times as long.
    if (text.includes('"')) quoted.push({ line, text, record: records.length })
    records.push(fields)
  }
  if (quoted.length === 0) return records
  const text = quoted.map(({ text }) => text).join('\n')
  const parsed = parseQuoted(text, separator)
  if (parsed?.length !== quoted.length) {
    // A quotation mark without a counterpart in its line is the only reason.
    throw new UnclosedQuoteError(String(quoted[findBroken(text, separator)]!.line))
  }
  for (const [index, { record }] of quoted.entries()) records[record] = parsed[index]! // There are as many.
  return records
}

/** Returns the fields of a line; `undefined` for one with a quotation mark without a counterpart. */
export function splitLine (text: string, separator: Separator): readonly string[] | undefined {
  return text.includes('"') ? parseQuoted(text, separator)?.flat() : text.split(separator)
}

/** Divides a line at each separator; throws an error for one with too many. */
export function splitPlain (text: string, separator: Separator, line: number): string[] {
  const fields = text.split(separator)
  if (fields.length <= MAX_SEPARATORS + 1) return fields
  throw new MalformedLogError(
    `line ${line} has ${fields.length - 1} separators of fields; a line has at most ${MAX_SEPARATORS}`
  )
}

/** Returns the index of the first line with a quotation mark without a counterpart. */
function findBroken (text: string, separator: Separator): number {
  const records: string[][] = []
  parseQuoted(text, separator, {
    on_record (record) {
      records.push(record)
      return record
    }
  })
  const joined = records.findIndex(record => record.some(field => field.includes('\n')))
  return joined === -1 ? records.length : joined
}

function parseQuoted (
  text: string, separator: Separator, options: Options<string[]> = {}
): string[][] | undefined {
  try {
    return parse(text, { ...CSV_OPTIONS, delimiter: separator, ...options })
  } catch {
    return undefined
  }
}

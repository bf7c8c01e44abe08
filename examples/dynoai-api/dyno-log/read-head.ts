import { setImmediate } from 'node:timers/promises'
import { differ, readColumnName, type NamedColumn } from './column-name.js'
import { decode, type Encoding } from './encoding.js'
import { EmptyLogError, UnclosedQuoteError } from './errors.js'
import { findMissing } from './find-missing.js'
import { readLog, type Log } from './log.js'
import { readLines } from './read-lines.js'
import { MAX_SEPARATORS, SEPARATORS, splitLine, splitPlain, type Separator } from './split-lines.js'

/** The header of a log. */
export interface Header {
  /** Counted from 1. */
  readonly line: number
  readonly separator: Separator
  readonly names: readonly string[]
  /** What the names say; `undefined` for a column that the analysis does not use. */
  readonly columns: ReadonlyArray<NamedColumn | undefined>
}

/** Enough for pages of text and a header with hundreds of columns. */
const HEAD_LENGTH = 131_072
const HEAD_LINES = 200

/** After so many characters of possible headers, other logs have their turn. */
const TURN_LENGTH = 16_384

/** A line with so many numbers is a row. */
const MIN_VALUES = 3

interface Line {
  readonly text: string
  /** Counted from 1. */
  readonly line: number
}

/** So many columns in a line with a quotation mark without a counterpart make it the header. */
const BROKEN_HEADER_KEYS = 2

/**
 * Finds the header in the first lines of a log: the line with the most different columns that the analysis uses. Other
 * text may precede it and mention some of them.
 */
export async function readHeader (log: Log, encoding: Encoding): Promise<Header> {
  const lines = (await readHead(log, encoding)).filter(({ text }) => text.trim() !== '')
  // Most lines are rows of numbers, in which no name needs to be looked for.
  const withWords = lines.filter(({ text }) => /\p{L}/u.test(text))
  const headers = await toHeaders(withWords.length > 0 ? withWords : lines.slice(0, 1))
  const [first, ...others] = headers
  if (first === undefined) throw new EmptyLogError()
  const best = others.reduce((best, header) => score(header) > score(best) ? header : best, first)
  const broken = countKeys(best.columns) === 0 && lines.find(({ text }) => isBrokenHeader(text))
  if (broken) throw new UnclosedQuoteError(String(broken.line))
  return findHeaderBelow(best, headers, lines) ?? best
}

/**
 * Returns the header below a line that only lists the columns, in another order: the last line with all that is needed
 * before the first row.
 */
function findHeaderBelow (list: Header, headers: readonly Header[], lines: readonly Line[]): Header | undefined {
  const isBelow = ({ line }: { readonly line: number }) => line > list.line
  const firstRow = lines.find(line => isBelow(line) && isRow(line.text, list.separator))?.line ?? Infinity
  return headers.findLast(header => isBelow(header) && header.line < firstRow &&
    findMissing(header.columns).length === 0 &&
    (header.separator !== list.separator || differ(header.columns, list.columns)))
}

/** A date or a number alone is no row. */
function isRow (text: string, separator: Separator): boolean {
  return text.split(separator).filter(field => /^\W*\d/.test(field)).length >= MIN_VALUES
}

/** Returns the number of different columns that the analysis uses. */
export function countKeys (columns: ReadonlyArray<NamedColumn | undefined>): number {
  return new Set(columns.flatMap(column => column === undefined ? [] : [column.key])).size
}

/** A line with engine speed is the header rather than one without it; of lines without columns, it is the widest. */
function score ({ columns, names }: Header): number {
  const keys = countKeys(columns) + (columns.some(column => column?.key === 'rpm') ? 100 : 0)
  return keys > 0 ? keys : names.length / (MAX_SEPARATORS + 2)
}

async function toHeaders (lines: readonly Line[]): Promise<Header[]> {
  const headers: Header[] = []
  let length = 0
  for (const { text, line } of lines) {
    headers.push(...separatorsIn(text).map(separator => toHeader(text, line, separator)))
    length += text.length
    if (length < TURN_LENGTH) continue
    length = 0
    await setImmediate()
  }
  return headers
}

function toHeader (text: string, line: number, separator: Separator): Header {
  const names = splitLine(text, separator) ?? []
  return { line, separator, names, columns: names.map(readColumnName) }
}

function separatorsIn (text: string): Separator[] {
  return SEPARATORS.filter(separator => separator === ',' || text.includes(separator))
}

function isBrokenHeader (text: string): boolean {
  return separatorsIn(text).some(separator => splitLine(text, separator) === undefined &&
    countKeys(text.split(separator).map(readColumnName)) >= BROKEN_HEADER_KEYS)
}

/** Throws an error for a line with too many separators, because each name is looked up. */
async function readHead (log: Log, encoding: Encoding): Promise<Line[]> {
  const head: Line[] = []
  let length = 0
  for await (const { first, texts } of readLines(decode(readLog(log), encoding))) {
    for (const [index, text] of texts.entries()) {
      for (const separator of SEPARATORS) splitPlain(text, separator, first + index)
      head.push({ text, line: first + index })
      length += text.length
      if (head.length === HEAD_LINES || length >= HEAD_LENGTH) return head
    }
  }
  return head
}

import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { EmptyLogError, MalformedLogError } from './errors.js'
import { findColumns, sniffHeader, type Columns } from './header.js'
import { limitLines } from './limit-lines.js'

/** The bytes of a dyno log, in any number of chunks: a file stream, a generator, an array of buffers. */
export type LogBytes = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>

/** One row of a dyno log; NaN where it has no number. */
export type LogRow = Record<keyof Columns, number>

/** Enough for a header below a page of preamble; the whole log is read as a stream. */
const headBytes = 8192

/** Far more than a row of a dyno takes, and little enough to be held in memory. */
const maxRowBytes = 65_536

/** Reads a WinPEP log row by row, separated by comma, tab or semicolon; throws an error with a sentence for a bad log. */
export async function * readRows (log: LogBytes): AsyncGenerator<LogRow> {
  const chunks = withWholeHead(log)
  try {
    const head = await chunks.next()
    if (head.done) throw new EmptyLogError()
    const { line, delimiter } = sniffHeader(head.value.toString())
    const parser = parse({
      delimiter,
      from_line: line,
      bom: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maxRowBytes // a quoted field holds lines without end
    })
    // Errors reach the loop below through the parser, so nothing is left for the callback.
    pipeline(Readable.from(limitLines(startingWith(head.value, chunks), maxRowBytes)), parser, () => {})
    let columns: Columns | undefined
    for await (const record of parser as AsyncIterable<string[]>) {
      if (columns === undefined) columns = findColumns(record)
      else yield toRow(record, columns)
    }
  } catch (error) {
    throw error instanceof CsvError ? new MalformedLogError(error.message) : error
  } finally {
    await chunks.return(undefined)
  }
}

function toRow (record: readonly string[], columns: Columns): LogRow {
  const number = (position: number) => toNumber(record[position])
  return {
    rpm: number(columns.rpm),
    map: number(columns.map),
    torque: number(columns.torque),
    afrCommandedFront: number(columns.afrCommandedFront),
    afrCommandedRear: number(columns.afrCommandedRear),
    afrMeasuredFront: number(columns.afrMeasuredFront),
    afrMeasuredRear: number(columns.afrMeasuredRear),
    tps: number(columns.tps),
    iat: number(columns.iat)
  }
}

/** `Number('')` is 0, which a log does not say. */
function toNumber (field: string | undefined): number {
  return field === undefined || field.trim() === '' ? NaN : Number(field)
}

/** The same bytes, but the first chunk is long enough to find the header in, whatever the network made of it. */
async function * withWholeHead (log: LogBytes): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of log) {
    const bytes = Buffer.from(chunk as Uint8Array) // it takes either, which its overloads do not say
    if (head === undefined) {
      yield bytes
      continue
    }
    head = Buffer.concat([head, bytes])
    if (head.length < headBytes) continue
    yield head
    head = undefined
  }
  if (head !== undefined && head.length > 0) yield head
}

async function * startingWith (head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield * rest
}

import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { EmptyLogError, MalformedLogError } from './errors.js'
import { detectHeader, findColumns, type Columns } from './header.js'
import { limitLines } from './limit-lines.js'

/** The bytes of a dyno log in any number of chunks: a file stream, a generator, an array of buffers. */
export type LogBytes = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>

/** One row of a dyno log; NaN for a field without a number. */
export type LogRow = Record<keyof Columns, number>

/** Enough for a page of text and the header; the rest of the log is streamed. */
const HEAD_BYTES = 8192

/** Much longer than any row of a dyno log, and small enough to keep in memory. */
const MAX_ROW_BYTES = 65_536

/**
 * Reads a WinPEP log row by row. The delimiter is a comma, a tab or a semicolon. Throws an error with a sentence for a
 * bad log.
 */
export async function * readRows (log: LogBytes): AsyncGenerator<LogRow> {
  const chunks = joinHead(log)
  try {
    const head = await chunks.next()
    if (head.done) throw new EmptyLogError()
    const { line, delimiter } = detectHeader(head.value.toString())
    const parser = parse({
      delimiter,
      from_line: line,
      bom: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_BYTES // `limitLines` does not limit a quoted field of many lines.
    })
    // The loop below receives errors from the parser, so the callback has nothing to do.
    pipeline(Readable.from(limitLines(prepend(head.value, chunks), MAX_ROW_BYTES)), parser, () => {})
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

/** An empty field is not a number, but `Number('')` is 0. */
function toNumber (field: string | undefined): number {
  return field === undefined || field.trim() === '' ? NaN : Number(field)
}

/** Joins the first chunks into one of at least `HEAD_BYTES`, because the network may split the header. */
async function * joinHead (log: LogBytes): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of log) {
    const bytes = Buffer.from(chunk as Uint8Array) // It accepts strings too, but no overload accepts the union.
    if (head === undefined) {
      yield bytes
      continue
    }
    head = Buffer.concat([head, bytes])
    if (head.length < HEAD_BYTES) continue
    yield head
    head = undefined
  }
  if (head !== undefined && head.length > 0) yield head
}

async function * prepend (head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield * rest
}

import { addValues, findCandidates } from './candidates.js'
import { chooseLayout } from './choose-layout.js'
import { detectEncoding } from './encoding.js'
import { MalformedLogError, NoUsableRowError, UnclearUnitError } from './errors.js'
import type { LogLayout } from './layout.js'
import { readLog, type Log } from './log.js'
import { readHeader } from './read-head.js'
import { countNamed, isLabelled, isTooLong, readRecords, type TableFormat } from './read-records.js'
import { requireColumns } from './require-columns.js'
import { examine } from './sample.js'

/** Number of records that tell how numbers and units are written. */
const SAMPLE = 500

/** Number of characters after which fewer records do: the memory of wide records is limited. */
const SAMPLE_LENGTH = 524_288

/**
 * Many times the rows of a day on a dyno. Millions of rows of one character take longer to read than a log of their
 * size.
 */
const MAX_ROWS = 2_000_000

/**
 * Reads a complete log to find out how it is written: encoding, separator, header, columns, units. Throws an error with
 * a sentence for a log that cannot be understood beyond doubt.
 */
export async function findLayout (log: Log, maxRows = MAX_ROWS): Promise<LogLayout> {
  const encoding = await detectEncoding(readLog(log))
  const header = await readHeader(log, encoding)
  requireColumns(header)
  const format = { encoding, separator: header.separator, headerLine: header.line }
  const sample = examine(await readSample(log, format), header)
  const candidates = findCandidates(header, sample)
  const { decimalMark, unitsRow, skip, isNumbered } = sample
  if (decimalMark === undefined) {
    throw new UnclearUnitError('The numbers of the log do not show whether a point or a comma precedes the decimals.')
  }
  let records = 0
  let tooLong = 0
  const columns = countNamed(header.names)
  for await (const piece of readRecords(log, format)) {
    for (const record of piece) {
      // The header is the first record.
      if (records++ <= skip) continue
      if (records - 1 - skip > maxRows) throw new MalformedLogError(`it has more than ${maxRows} rows`)
      if (isTooLong(record, columns)) tooLong++
      else if (!isNumbered || !isLabelled(record)) addValues(record, candidates, decimalMark)
    }
  }
  const rows = Math.max(0, records - 1 - skip)
  if (tooLong > rows / 2) {
    throw new MalformedLogError(`${tooLong} of ${rows} rows have more fields than the header, as in a log that has ` +
      'the separator of fields also before decimals')
  }
  try {
    return chooseLayout({ ...format, names: header.names, decimalMark, unitsRow, skip, isNumbered, rows }, candidates)
  } catch (error) {
    // Columns without values have unclear units.
    throw rows === 0 && error instanceof UnclearUnitError ? new NoUsableRowError('The log has only a header.') : error
  }
}

async function readSample (log: Log, format: TableFormat): Promise<Array<readonly string[]>> {
  const sample: Array<readonly string[]> = []
  let length = 0
  for await (const piece of readRecords(log, format)) {
    for (const record of piece) {
      sample.push(record)
      length += record.reduce((sum, field) => sum + field.length + 1, 0)
      if (sample.length > SAMPLE || length > SAMPLE_LENGTH) return sample.slice(1)
    }
  }
  return sample.slice(1)
}

import { readColumn } from './candidates.js'
import { usedColumns, type LogLayout, type MixtureColumns, type UsedColumn } from './layout.js'
import type { Log } from './log.js'
import { OtherHeaders } from './other-header.js'
import { countNamed, isLabelled, isTooLong, readRecords } from './read-records.js'
import { convert } from './units.js'

/** The commanded and the measured AFR of a cylinder, or of both with one sensor. */
export interface Mixture {
  readonly commanded: number
  readonly measured: number
}

/** One row of a dyno log in the units of the analysis; NaN for a field without a number. */
export interface LogRow {
  readonly rpm: number
  /** In kPa. */
  readonly map: number
  /** In lb-ft. In a log without torque and power it is the weight of the row, its MAP. */
  readonly torque: number
  readonly mixtures: readonly Mixture[]
  /** In percent; NaN in a log without the column. */
  readonly tps: number
  /** In °F; NaN in a log without the column. */
  readonly iat: number
}

/** A power of 1 hp at 5252 rpm is a torque of 1 lb-ft. */
const HP_RPM_PER_LB_FT = 5252

/**
 * Yields the rows of each piece of a log, to be read before the next piece. A row with more fields than the header is
 * `undefined`, because they are in the wrong columns. So is one that begins with a word where the others have a number:
 * its values are maxima or means of the others.
 */
export async function * readRows (log: Log, layout: LogLayout): AsyncGenerator<Iterable<LogRow | undefined>> {
  const otherHeaders = new OtherHeaders(layout)
  const used = usedColumns(layout)
  const columns = countNamed(layout.names)
  let records = 0
  // Waiting for each row would take longer than reading it.
  function * toRows (piece: Iterable<readonly string[]>): Generator<LogRow | undefined> {
    for (const record of piece) {
      // The header is the first record.
      if (records++ <= layout.skip) continue
      otherHeaders.reject(record, used)
      const isOther = isTooLong(record, columns) || (layout.isNumbered && isLabelled(record))
      yield isOther ? undefined : toRow(record, layout)
    }
  }
  for await (const piece of readRecords(log, layout)) yield toRows(piece)
}

function toRow (record: readonly string[], layout: LogLayout): LogRow {
  const { decimalMark, weight } = layout
  const number = (column: UsedColumn | undefined) =>
    column === undefined ? NaN : convert(readColumn(record, column, decimalMark), column.unit)
  const toMixture = ({ commanded, measured }: MixtureColumns): Mixture => ({
    commanded: commanded.reduce((sum, column) => sum + number(column), 0) / commanded.length,
    measured: number(measured)
  })
  const rpm = number(layout.rpm)
  return {
    rpm,
    map: number(layout.map),
    torque: weight.by === 'power' ? number(weight) * HP_RPM_PER_LB_FT / rpm : number(weight),
    mixtures: layout.mixtures.map(toMixture),
    tps: number(layout.tps),
    iat: number(layout.iat)
  }
}

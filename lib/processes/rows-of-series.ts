import type { Row } from '../exposition/format.js'
import { Pace } from './pace.js'
import type { SampleSeries } from './sample-series.js'

/** The samples of all series. Pauses regularly. */
export function * rowsOf (all: Iterable<SampleSeries>): Generator<void, Row[]> {
  const rows: Row[] = []
  const pace = new Pace()
  for (const series of all) {
    if (pace.isPauseDue(series)) yield
    for (const row of series.rows) rows.push(row)
  }
  return rows
}

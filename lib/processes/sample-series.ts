import type { CollectedFamily } from '../exposition/check-family.js'
import type { Row } from '../exposition/format.js'
import { BOUND_LABELS } from '../exposition/rows.js'
import { seriesKey } from '../exposition/sample-rules.js'
import { ROWS_PER_PAUSE } from './pace.js'

/** The samples of one series: one of a counter or a gauge, several of a histogram or a summary. */
export interface SampleSeries {
  /** Families have the same key for series with the same labels. */
  readonly key: string
  readonly rows: readonly Row[]
}

// The families of other processes stay the same between two scrapes, and making the keys takes most of the time.
const cache = new WeakMap<CollectedFamily, readonly SampleSeries[]>()

/** The series of a family, which must have been checked. Pauses regularly. */
export function * seriesOf (family: CollectedFamily): Generator<void, readonly SampleSeries[]> {
  const series = cache.get(family) ?? (yield * readSeries(family))
  cache.set(family, series)
  return series
}

function * readSeries ({ name, type, rows }: CollectedFamily): Generator<void, SampleSeries[]> {
  const boundLabel = BOUND_LABELS.get(type)
  const series: SampleSeries[] = []
  let current: { readonly key: string, readonly rows: Row[] } | undefined
  for (const [i, row] of rows.entries()) {
    if (i % ROWS_PER_PAUSE === ROWS_PER_PAUSE - 1) yield
    // A histogram has the samples of a series up to its count, so they need one key only.
    const key: string = type === 'histogram' && current !== undefined ? current.key : seriesKey(row.labels, boundLabel)
    if (boundLabel !== undefined && current?.key === key) {
      current.rows.push(row)
    } else {
      current = { key, rows: [row] }
      series.push(current)
    }
    if (type === 'histogram' && row.metricName === `${name}_count`) current = undefined
  }
  return series
}

import type { DerivedMetric, Sample } from '../registry/plugin-metric.js'
import type { Family } from '../series/family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { NONE } from '../series/label-values.js'

const METHOD = 'method'
const STATUS = 'status'

/** The number of series that are added up between two pauses: about 10 µs of work. */
const SERIES_PER_PAUSE = 256

/** Above the value ids of a label. So with up to 32 methods, a pair of value ids has a key that is a small integer. */
const MAX_IDS = 2 ** 26

/** `requests_total`, computed at a scrape from `request_duration_seconds`, so it costs a request nothing. */
export function requestTotals (namePrefix: string, durations: HistogramFamily): DerivedMetric {
  return {
    name: `${namePrefix}requests_total`,
    help: 'HTTP requests that ended, by method and status',
    type: 'counter',
    labelNames: [METHOD, STATUS],
    source: durations,
    values: () => samplesOf(durations),
    valuesOf: samplesOf
  }
}

/**
 * Adds up the series, of which none may be removed meanwhile. The family may be that of another version of the plugin:
 * without these labels there are no totals.
 */
function * samplesOf (durations: Family): Generator<Sample | undefined> {
  const { table, table: { names, pages } } = durations
  const methodLabel = names.indexOf(METHOD)
  const statusLabel = names.indexOf(STATUS)
  if (durations.type !== 'histogram' || methodLabel === NONE || statusLabel === NONE) return
  const positions = new Map<number, number>()
  const sums: number[] = []
  /** The index of the first series of each sum. */
  const firstIndices: number[] = []
  for (let index = 0; index < pages.length; index++) {
    if (index % SERIES_PER_PAUSE === SERIES_PER_PAUSE - 1) yield
    if (pages.generationAt(index) === 0) continue
    const key = table.valueIdAt(index, methodLabel) * MAX_IDS + table.valueIdAt(index, statusLabel)
    let position = positions.get(key)
    if (position === undefined) {
      position = firstIndices.push(index) - 1
      positions.set(key, position)
      sums.push(0)
    }
    sums[position]! += durations.countAt(index) // within the array
  }
  for (const [position, index] of firstIndices.entries()) {
    const method = table.labelValueAt(index, methodLabel)
    const status = table.labelValueAt(index, statusLabel)
    yield { labels: { method, status }, value: sums[position]! } // one for each first index
  }
}

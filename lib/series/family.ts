import type { CounterFamily } from './counter-family.js'
import type { Aggregator, GaugeFamily } from './gauge-family.js'
import type { HistogramFamily } from './histogram-family.js'

/** The series of one metric, by its `type`. */
export type Family = CounterFamily | GaugeFamily | HistogramFamily

/** How the series that several processes have become one; counters and histograms are added. */
export function aggregatorOf (family: Family): Aggregator {
  return family.type === 'gauge' ? family.aggregator : 'sum'
}

import type { CounterFamily } from './counter-family.js'
import type { GaugeFamily } from './gauge-family.js'
import type { HistogramFamily } from './histogram-family.js'

/** The series of one metric, by its `type`. */
export type Family = CounterFamily | GaugeFamily | HistogramFamily

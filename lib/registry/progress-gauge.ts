import { GaugeFamily } from '../series/gauge-family.js'
import { familyMetric } from './family-metric.js'
import type { NamedMetric } from './plugin-metric.js'

/** A gauge of how many things are in progress. */
export interface ProgressGauge {
  readonly metric: NamedMetric
  /**
   * Its first number is the value. Whoever counts changes it in place: a call of the gauge would cost more than the
   * rest of a hook.
   */
  readonly count: Float64Array
}

/** Makes a gauge of what is in progress. A reset does not change it: what is in progress decreases it at its end. */
export function progressGauge (name: string, help: string): ProgressGauge {
  const family = new GaugeFamily({ name, help, ignoresReset: true })
  return { metric: familyMetric(family), count: family.refTo(0).numbers }
}

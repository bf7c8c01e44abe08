import { errors, received } from '../errors.js'
import { familyMetric } from '../registry/family-metric.js'
import type { FamilyValues } from '../registry/family-metric.js'
import { LEFT_OUT } from '../registry/metric-errors.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import { GaugeFamily } from '../series/gauge-family.js'
import { NONE } from '../series/label-values.js'
import type { OverflowReason } from '../series/family-options.js'
import type { HandleMetric } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { nextTurn } from '../util/native-timers.js'
import type { Reject } from '../util/reject.js'
import { mergeLabels } from './calls.js'
import type { Collect, ResolvedDefinition } from './resolve-definition.js'
import { resolveLabels } from './resolve-labels.js'

/** Rows read in one turn of the event loop. An invalid row takes 9 µs. */
const ROWS_PER_TURN = 500

export interface CollectedGaugeOptions {
  readonly definition: ResolvedDefinition
  readonly collect: Collect
  readonly maxSeries: number
  readonly metricErrors: MetricErrors
}

/**
 * The metric of a gauge whose `collect` function returns all its series at every scrape. Invalid rows are left out and
 * counted as metric errors.
 */
export function collectedGauge (options: CollectedGaugeOptions): HandleMetric {
  const { definition: { name }, collect, metricErrors } = options
  const emptyMetric = familyMetric(makeFamily(options))
  const get = async (): Promise<FamilyValues> => {
    try {
      return await familyMetric(await readCollected(options, await collect())).get()
    } catch (err) {
      // No sample is better than the last valid one, which would look like a new measurement.
      metricErrors.countError(name, err, LEFT_OUT)
      return { ...await emptyMetric.get(), values: [] }
    }
  }
  const { help, type, labelNames, aggregator } = emptyMetric
  return { name, help, type, labelNames, aggregator, get, reset () {}, remove () {} }
}

function makeFamily ({ definition, maxSeries, metricErrors }: CollectedGaugeOptions): GaugeFamily {
  const { name, help, aggregator } = definition
  // The labels list no values here, so only series that have a row exist. `resolveLabels` checks the listed values.
  const labels = Object.keys(definition.labels).map(label => ({ name: label, listed: [] }))
  const onOverflow = (reason: OverflowReason): void => { metricErrors.countOverflow(name, reason) }
  return new GaugeFamily({ name, help, labels, maxSeries, onOverflow, aggregator })
}

/** Puts the result of the `collect` function into a new family. */
async function readCollected (options: CollectedGaugeOptions, collected: unknown): Promise<GaugeFamily> {
  const { definition: { name, labels } } = options
  const family = makeFamily(options)
  const reject = (expected: string): Error =>
    new errors.ERR_COLLECT(name, `its collect function must return ${expected}`, received(collected))
  if (Object.keys(labels).length === 0) {
    if (!family.set(0, collected)) throw reject('a finite number')
    return family
  }
  if (!Array.isArray(collected)) throw reject('an array of { labels, value }')
  const rows: readonly unknown[] = collected
  for (let i = 0; i < rows.length; i++) {
    addRow(options, family, rows[i])
    if (i % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn()
  }
  return family
}

function addRow ({ definition, metricErrors }: CollectedGaugeOptions, family: GaugeFamily, row: unknown): void {
  const { name } = definition
  const reject: Reject = (problem, value) => new errors.ERR_COLLECT(name, problem, received(value))
  try {
    if (!isObject(row)) throw reject('a row must be an object of labels and a value', row)
    const { labels, value } = row
    const labelValues = resolveLabels(definition, mergeLabels(name, [labels]))
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw reject('the value of a row must be a finite number', value)
    }
    if (labelValues !== null && family.table.findByValues(labelValues) !== NONE) {
      throw reject('two rows have the same labels; the first is kept', labels)
    }
    // Rows that overflow are added up, so the sum over all series stays correct.
    if (!family.increase(family.admit(labelValues), value)) throw reject('the sum would be too large', value)
  } catch (err) {
    metricErrors.countError(name, err, LEFT_OUT)
  }
}

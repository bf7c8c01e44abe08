import { setImmediate } from 'node:timers/promises'
import { errors, received } from '../errors.js'
import type { FamilyValues } from '../registry/family-metric.js'
import { familyMetric } from '../registry/family-metric.js'
import type { MetricErrors } from '../registry/metric-errors.js'
import { LEFT_OUT } from '../registry/metric-errors.js'
import { GaugeFamily } from '../series/gauge-family.js'
import { NONE } from '../series/label-values.js'
import type { HandleMetric } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { mergeLabels } from './calls.js'
import { resolveLabels } from './resolve-labels.js'
import type { Collect, ResolvedDefinition } from './resolve-definition.js'

// Taken when this is loaded, since tests of an application may put another in its place.
const nextTurn = setImmediate

/** Rows read in one turn of the event loop: of those that are wrong, each takes 9 µs. */
const ROWS_PER_TURN = 500

/** How a gauge is read by the function of its definition. */
export interface CollectedGaugeOptions {
  readonly definition: ResolvedDefinition
  readonly collect: Collect
  readonly maxSeries: number
  readonly metricErrors: MetricErrors
}

/**
 * The metric of a gauge whose values a function gives at every scrape. What it gives is all that the gauge has then; what is wrong
 * with it is left out and counted.
 */
export function collectedGauge (options: CollectedGaugeOptions): HandleMetric {
  const { definition: { name }, collect, metricErrors } = options
  const empty = familyMetric(familyOf(options))
  const get = async (): Promise<FamilyValues> => {
    try {
      return await familyMetric(await read(options, await collect())).get()
    } catch (err) {
      // No sample is better than the last good one, which would look like a measurement.
      metricErrors.error(name, err, LEFT_OUT)
      return { ...await empty.get(), values: [] }
    }
  }
  const { help, type, labelNames, aggregator } = empty
  return { name, help, type, labelNames, aggregator, get, reset () {}, remove () {} }
}

function familyOf ({ definition, maxSeries, metricErrors }: CollectedGaugeOptions): GaugeFamily {
  const { name, help } = definition
  // Labels that may be anything, so that no series is there that no row is for; `labelTexts` holds them to what is listed.
  const labels = Object.keys(definition.labels).map(label => ({ name: label, listed: [] }))
  return new GaugeFamily({ name, help, labels, maxSeries, onOverflow: reason => { metricErrors.overflow(name, reason) } })
}

/** What the function gave, as a family of its own. */
async function read (options: CollectedGaugeOptions, given: unknown): Promise<GaugeFamily> {
  const { definition: { name, labels } } = options
  const family = familyOf(options)
  if (Object.keys(labels).length === 0) {
    if (!family.set(0, given)) throw new errors.ERR_COLLECT(name, 'its collect function must give a finite number', received(given))
    return family
  }
  if (!Array.isArray(given)) throw new errors.ERR_COLLECT(name, 'its collect function must give an array of { labels, value }', received(given))
  const rows: readonly unknown[] = given
  for (let i = 0; i < rows.length; i++) {
    addRow(options, family, rows[i])
    if (i % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn()
  }
  return family
}

function addRow ({ definition, metricErrors }: CollectedGaugeOptions, family: GaugeFamily, row: unknown): void {
  const { name } = definition
  const error = (problem: string, value: unknown): Error => new errors.ERR_COLLECT(name, problem, received(value))
  try {
    if (!isObject(row)) throw error('a row must be an object of labels and a value', row)
    const { labels, value } = row
    const texts = resolveLabels(definition, mergeLabels(name, [labels]))
    if (typeof value !== 'number' || !Number.isFinite(value)) throw error('the value of a row must be a finite number', value)
    if (texts !== null && family.table.findByValues(texts) !== NONE) throw error('two rows have the same labels, of which the first is kept', labels)
    // What overflows is added up, so that a sum over all series stays what it is.
    if (!family.increase(family.admit(texts), value)) throw error('the sum would be too large', value)
  } catch (err) {
    metricErrors.error(name, err, LEFT_OUT)
  }
}

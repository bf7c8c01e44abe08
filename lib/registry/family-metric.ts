import { errors, received } from '../errors.js'
import { aggregatorOf } from '../series/family.js'
import type { Family } from '../series/family.js'
import type { Aggregator } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { toLabelValue } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'
import { markPluginMetric } from './plugin-metric.js'
import type { NamedMetric, Sample } from './plugin-metric.js'

/** The metric of a family, in the form of a prom-client metric. */
export interface FamilyMetric extends NamedMetric {
  readonly help: string
  readonly type: Family['type']
  readonly labelNames: readonly string[]
  readonly aggregator: Aggregator
  get (): Promise<FamilyValues>
  getForPromString (): Promise<FamilyValues>
}

/** A metric with its samples, in the form that prom-client's `get()` returns. */
export interface FamilyValues {
  readonly name: string
  readonly help: string
  readonly type: Family['type']
  readonly values: readonly Sample[]
  readonly aggregator: Aggregator
}

/** Makes the metric of a family for a registry. A call of its `get` is a scrape, after which series may expire. */
export function familyMetric (family: Family): FamilyMetric {
  const { name, help, type, labelNames } = family
  const aggregator = aggregatorOf(family)
  const metric: FamilyMetric = {
    name,
    help,
    type,
    labelNames,
    aggregator,
    get: async () => {
      const startedAt = performance.now()
      family.expire()
      const values = [...family.table.indices()].flatMap(index => samplesOf(family, index))
      family.markScraped(startedAt)
      // Not `name`: for OpenMetrics, prom-client removes `_total` from the metric's name, and adds it to the samples.
      return { name: metric.name, help, type, values, aggregator }
    },
    getForPromString: async () => await metric.get(),
    reset: () => { family.reset() }
  }
  return markPluginMetric(metric, family)
}

/** A metric with a method that removes one series. */
export interface RemovableMetric extends FamilyMetric {
  /**
   * Removes a series, by a labels object or by its label values in the order of `labelNames`. A label that the object
   * leaves out has its default.
   * @throws DYNOAI_METRICS_ERR_CALL for an unknown label, or a wrong number of values
   */
  remove (...labels: readonly unknown[]): void
}

/** Makes the metric of a family for a registry, with `remove()`. */
export function removableMetric (family: Family): RemovableMetric {
  return Object.assign(familyMetric(family), {
    remove (...args: readonly unknown[]) {
      const labelValues = labelValuesOf(family, args)
      if (labelValues !== null) family.removeSeries(labelValues)
    }
  })
}

/** The label values that the arguments of `remove()` name; `null` if no series can have them. */
function labelValuesOf ({ name, table }: Family, args: readonly unknown[]): string[] | null {
  const [first] = args
  const { names } = table
  const labels = isObject(first) ? first : Object.fromEntries(names.map((label, i) => [label, args[i]]))
  const isComplete = labels === first ? args.length === 1 : args.length === names.length && !args.includes(undefined)
  const unknown = Object.keys(labels).find(label => !names.includes(label))
  if (unknown !== undefined || !isComplete) {
    const problem = `remove() accepts an object of labels, or a value for each of: ${names.join(', ')}`
    throw new errors.ERR_CALL(name, problem, received(args))
  }
  const labelValues = names.map((label, i) => {
    const value = Object.hasOwn(labels, label) ? labels[label] : undefined
    return value === undefined ? table.fallbackOf(i) : toLabelValue(value)
  })
  return labelValues.every(value => typeof value === 'string') ? labelValues : null
}

function samplesOf (family: Family, index: number): Sample[] {
  if (family.type === 'histogram') return histogramSamples(family, index)
  return [{ labels: family.table.labelsAt(index), value: family.valueAt(index) }]
}

function histogramSamples (family: HistogramFamily, index: number): Sample[] {
  const { name, bounds } = family
  const { numbers, offset } = family.refTo(index)
  const labels = family.table.labelsAt(index)
  let cumulative = 0
  const buckets = [...bounds, '+Inf'].map((le, i) => {
    cumulative += numbers[offset + 1 + i]! // one for each bucket
    return { labels: { le, ...labels }, value: cumulative, metricName: `${name}_bucket` }
  })
  return [
    ...buckets,
    { labels: { ...labels }, value: numbers[offset]!, metricName: `${name}_sum` },
    { labels: { ...labels }, value: cumulative, metricName: `${name}_count` }
  ]
}

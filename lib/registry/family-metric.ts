import { errors, received } from '../errors.js'
import type { Family } from '../series/family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { toLabelValue } from '../series/label-value.js'
import { NONE } from '../series/label-values.js'
import { isObject } from '../util/is-object.js'
import { markPluginMetric } from './plugin-metric.js'
import type { NamedMetric, Sample } from './plugin-metric.js'

/** A metric of the store in the shape that prom-client's tools know. */
export interface FamilyMetric extends NamedMetric {
  readonly help: string
  readonly type: Family['type']
  readonly labelNames: readonly string[]
  readonly aggregator: 'sum'
  get (): Promise<FamilyValues>
  getForPromString (): Promise<FamilyValues>
}

/** What a metric has, as prom-client's `get()` gives it. */
export interface FamilyValues {
  readonly name: string
  readonly help: string
  readonly type: Family['type']
  readonly values: readonly Sample[]
  readonly aggregator: 'sum'
}

/** The metric of a family for a registry. What it gives counts as shown, so that series may expire after it. */
export function familyMetric (family: Family): FamilyMetric {
  const { name, help, type, labelNames } = family
  const metric: FamilyMetric = {
    name,
    help,
    type,
    labelNames,
    aggregator: 'sum',
    get: async () => {
      const began = performance.now()
      family.expire()
      const values = [...family.table.indices()].flatMap(index => samplesOf(family, index))
      family.markScraped(began)
      // The name as it stands by then: for OpenMetrics prom-client cuts `_total` off it, and adds it to the samples again.
      return { name: metric.name, help, type, values, aggregator: 'sum' }
    },
    getForPromString: async () => await metric.get(),
    reset: () => { family.reset() }
  }
  return markPluginMetric(metric, family)
}

/** A metric whose series can be ended, one by one. */
export interface RemovableMetric extends FamilyMetric {
  /**
   * Ends a series, given by an object of labels or by their values in the order of `labelNames`. What is left out of an object
   * has its default.
   * @throws DYNOAI_METRICS_ERR_CALL for labels that the metric does not have
   */
  remove (...labels: readonly unknown[]): void
}

/** The metric of a family for a registry, with `remove()`. */
export function removableMetric (family: Family): RemovableMetric {
  return Object.assign(familyMetric(family), {
    remove (...args: readonly unknown[]) {
      const texts = textsOf(family, args)
      const index = texts === null ? NONE : family.table.findByValues(texts)
      if (index !== NONE) family.remove(index)
    }
  })
}

/** The texts of the labels that `remove()` was given; `null` where no series has them. */
function textsOf ({ name, table }: Family, args: readonly unknown[]): string[] | null {
  const [first] = args
  const given = isObject(first) ? first : Object.fromEntries(table.names.map((label, i) => [label, args[i]]))
  const isComplete = given === first ? args.length === 1 : args.length === table.names.length && !args.includes(undefined)
  const unknown = Object.keys(given).find(label => !table.names.includes(label))
  if (unknown !== undefined || !isComplete) {
    throw new errors.ERR_CALL(name, `remove() takes an object of labels, or a value for each of: ${table.names.join(', ')}`, received(args))
  }
  const texts = table.names.map((label, i) => {
    const value = Object.hasOwn(given, label) ? given[label] : undefined
    return value === undefined ? table.fallbackOf(i) : toLabelValue(value)
  })
  return texts.every(text => typeof text === 'string') ? texts : null
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
    cumulative += numbers[offset + 1 + i]! // a number for each bucket
    return { labels: { le, ...labels }, value: cumulative, metricName: `${name}_bucket` }
  })
  return [
    ...buckets,
    { labels: { ...labels }, value: numbers[offset]!, metricName: `${name}_sum` },
    { labels: { ...labels }, value: cumulative, metricName: `${name}_count` }
  ]
}

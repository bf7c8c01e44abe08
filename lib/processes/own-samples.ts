import type { CollectedFamily } from '../exposition/check-family.js'
import { isStored } from '../exposition/encode-families.js'
import type { ExposedMetric } from '../exposition/encode-families.js'
import type { CollectedMetrics } from '../exposition/merger.js'
import { withDefaults } from '../exposition/rows.js'
import type { Row } from '../exposition/format.js'
import type { DerivedMetric, ValuesMetric } from '../registry/plugin-metric.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** Whether each process exposes its own values of a metric. */
export function isOwn (metric: ExposedMetric): boolean {
  return 'values' in metric && metric.aggregator === 'omit'
}

/** Whether a metric is computed from the series of another one, which are those of all processes. */
export function isDerived (metric: ExposedMetric): metric is DerivedMetric {
  return 'source' in metric
}

/** The samples of the metrics that are not in the store, as they are now. Pauses regularly. */
export function * ownSamples ({ metrics, defaultLabels }: CollectedMetrics): Generator<void, CollectedFamily[]> {
  const families: CollectedFamily[] = []
  for (const metric of metrics) {
    if (isStored(metric) || isDerived(metric) || isOwn(metric)) continue
    families.push('rows' in metric ? metric : yield * readValues(metric, defaultLabels))
  }
  return families
}

function * readValues (metric: ValuesMetric, defaultLabels: UncheckedLabels): Generator<void, CollectedFamily> {
  const { name, help, type, aggregator = 'sum' } = metric
  const rows: Row[] = []
  for (const sample of metric.values()) {
    if (sample === undefined) yield
    else rows.push({ ...sample, labels: withDefaults(sample.labels, defaultLabels) })
  }
  return { name, help, type, aggregator, rows }
}

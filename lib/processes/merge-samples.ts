import type { CollectedFamily } from '../exposition/check-family.js'
import type { Row } from '../exposition/format.js'
import { GaugeValues } from './gauge-values.js'
import { mergeSums } from './merge-sums.js'
import type { DefinitionConflict } from './merged-families.js'
import { Pace, ROWS_PER_PAUSE } from './pace.js'
import { rowsOf } from './rows-of-series.js'
import { seriesOf } from './sample-series.js'
import type { SampledMetric, SlotFamily } from './sampled-metric.js'
import type { DatedFamily } from './samples-format.js'

/** The label of runtime metrics that distinguishes processes. */
export const WORKER = 'worker'

/** Families read between two pauses: about 30 µs of work. */
const FAMILIES_PER_PAUSE = 128

/** The samples of one process, or the sums of those that have exited. */
export interface SamplesPart {
  readonly families: readonly DatedFamily[]
  /** Whether the process is running. Of one that has exited, only sums are merged. */
  readonly isLiving: boolean
}

/** The samples of a slot. */
export interface SlotSamples {
  readonly slot: number
  /** They are added to one another before they are added to other slots, as the next owner of the slot does. */
  readonly parts: readonly SamplesPart[]
}

export interface MergedSamples {
  /** By name. */
  readonly families: ReadonlyMap<string, DatedFamily>
  /** What is left out, since a newer process has the metric with another type or other buckets. */
  readonly conflicts: readonly DefinitionConflict[]
}

interface Metric {
  newest: DatedFamily
  readonly families: SlotFamily[]
}

/** Merges the families of one metric, and adds to `conflicts` what is left out. */
type Merge = (metric: SampledMetric, conflicts: DefinitionConflict[]) => Generator<void, Row[]>

/** Whether the samples of processes that have exited belong to the sum of a metric. */
export function isSummed ({ type, aggregator }: Pick<CollectedFamily, 'type' | 'aggregator'>): boolean {
  if (aggregator === 'omit') return false
  return type === 'histogram' || type === 'summary' || (type === 'counter' && aggregator === 'sum')
}

/**
 * Merges metrics that are not in the store, and pauses regularly. Of runtime metrics, each running process has its
 * series, with its slot as the label `worker`. Of other metrics, series with the same labels become one. Counters,
 * histograms and summaries are summed, including those of processes that have exited. Gauges, and counters with another
 * aggregator than `sum`, are those of running processes.
 *
 * Each process sums in the same order, so two processes that are scraped in turn do not differ in the last digit. A
 * takeover does not change the order either.
 */
export function * mergeSamples (
  slots: readonly SlotSamples[], isRuntime: (name: string) => boolean
): Generator<void, MergedSamples> {
  const conflicts: DefinitionConflict[] = []
  const merged = new Map<string, DatedFamily>()
  for (const [name, metric] of yield * metricsOf(slots, isRuntime)) {
    const { newest } = metric
    if (newest.aggregator === 'omit' && !isRuntime(name)) continue
    const merge: Merge = isRuntime(name) ? mergeRuntime : isSummed(newest) ? mergeSums : mergeGauges
    const families = metric.families.filter(({ family }) => family.type === newest.type)
    for (const { family, slot, isLiving } of metric.families) {
      if (family.type !== newest.type) conflicts.push({ slot, name, isInherited: !isLiving })
    }
    merged.set(name, { ...newest, rows: yield * merge({ newest, families }, conflicts) })
    yield
  }
  return { families: merged, conflicts }
}

function * metricsOf (
  slots: readonly SlotSamples[], isRuntime: (name: string) => boolean
): Generator<void, Map<string, Metric>> {
  const metrics = new Map<string, Metric>()
  for (const { slot, parts } of [...slots].sort((a, b) => a.slot - b.slot)) {
    for (const { families, isLiving } of parts) {
      for (const [i, family] of families.entries()) {
        if (i % FAMILIES_PER_PAUSE === FAMILIES_PER_PAUSE - 1) yield
        if (!isLiving && (isRuntime(family.name) || !isSummed(family))) continue
        const metric = metrics.get(family.name) ?? { newest: family, families: [] }
        metrics.set(family.name, metric)
        metric.families.push({ slot, family, isLiving })
        if (family.since >= metric.newest.since) metric.newest = family
      }
    }
  }
  return metrics
}

function * mergeRuntime ({ families }: SampledMetric): Generator<void, Row[]> {
  const rows: Row[] = []
  for (const { slot, family } of families) {
    for (const row of family.rows) {
      if (rows.length % ROWS_PER_PAUSE === ROWS_PER_PAUSE - 1) yield
      rows.push({ ...row, labels: { ...row.labels, [WORKER]: String(slot) } })
    }
  }
  return rows
}

function * mergeGauges ({ newest, families }: SampledMetric): Generator<void, Row[]> {
  const values = new GaugeValues(newest.aggregator)
  // An older definition of a counter may have been summed.
  for (const { family } of families.filter(({ isLiving }) => isLiving)) {
    const pace = new Pace()
    for (const series of yield * seriesOf(family)) {
      if (pace.isPauseDue(series)) yield
      values.add(series)
    }
  }
  return yield * rowsOf(values)
}

import type { CollectedFamily } from '../exposition/check-family.js'
import type { Row } from '../exposition/format.js'
import type { DefinitionConflict } from './merged-families.js'
import { Pace } from './pace.js'
import { rowsOf } from './rows-of-series.js'
import { seriesOf } from './sample-series.js'
import type { SampleSeries } from './sample-series.js'
import type { SampledMetric, SlotFamily } from './sampled-metric.js'
import { SeriesSums } from './series-sums.js'

/**
 * Sums the series of a counter, a histogram or a summary. The parts of a slot are added to one another first. Adds to
 * `conflicts` what has other buckets than the newest process.
 */
export function * mergeSums (
  { newest, families }: SampledMetric, conflicts: DefinitionConflict[]
): Generator<void, Row[]> {
  const newestSeries = newest.type === 'histogram' ? yield * newestSeriesOf(families) : null
  const total = new SeriesSums(newest)
  for (const [slot, parts] of bySlot(families)) {
    const sums = parts.length === 1 ? total : new SeriesSums(newest)
    for (const { family, isLiving } of parts) {
      const pace = new Pace()
      let hasConflict = false
      for (const series of yield * seriesOf(family)) {
        if (pace.isPauseDue(series)) yield
        if (haveSameBounds(newestSeries?.get(series.key)?.rows ?? series.rows, series.rows)) {
          sums.add(isLiving ? series : inheritedPart(family, series))
        } else {
          hasConflict = true
        }
      }
      if (hasConflict) conflicts.push({ slot, name: family.name, isInherited: !isLiving })
    }
    if (sums !== total) yield * addAll(total, sums)
  }
  return yield * rowsOf(total)
}

/** The families of each slot, which are consecutive. */
function bySlot (families: readonly SlotFamily[]): Map<number, SlotFamily[]> {
  const slots = new Map<number, SlotFamily[]>()
  for (const family of families) {
    const others = slots.get(family.slot)
    if (others === undefined) slots.set(family.slot, [family])
    else others.push(family)
  }
  return slots
}

/** The series of a histogram by their keys, as the newest process that has them. Its buckets count. */
function * newestSeriesOf (families: readonly SlotFamily[]): Generator<void, Map<string, SampleSeries>> {
  const newest = new Map<string, SampleSeries>()
  // A sort keeps the order of families with the same time.
  for (const { family } of [...families].sort((a, b) => a.family.since - b.family.since)) {
    const pace = new Pace()
    for (const series of yield * seriesOf(family)) {
      if (pace.isPauseDue(series)) yield
      newest.set(series.key, series)
    }
  }
  return newest
}

function haveSameBounds (rows: readonly Row[], others: readonly Row[]): boolean {
  return rows === others ||
    (rows.length === others.length && rows.every(({ labels }, i) => labels?.['le'] === others[i]?.labels?.['le']))
}

/** What remains of a series when its process has exited. Its quantiles and exemplars are those of old events. */
function inheritedPart ({ name, type }: CollectedFamily, { key, rows }: SampleSeries): SampleSeries {
  const summed = type === 'summary' ? rows.filter(({ metricName = name }) => metricName !== name) : rows
  return { key, rows: summed.map(row => row.exemplar === undefined ? row : { ...row, exemplar: undefined }) }
}

function * addAll (total: SeriesSums, sums: SeriesSums): Generator<void> {
  const pace = new Pace()
  for (const series of sums) {
    if (pace.isPauseDue(series)) yield
    total.add(series)
  }
}

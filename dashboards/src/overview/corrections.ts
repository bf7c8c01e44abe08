import { NoUnit, Percent, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { heatmap, timeseries, timeseriesWithExemplars } from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { atMost, difference, mean, quantile, rate, ratio, sum } from '../promql.js'

/** The maximum of a correction, in per cent. Larger corrections are clamped to it. It is a bucket bound. */
const CLAMP = 7

/** The cells of a fuel table: 11 engine speeds by 5 pressures. */
const CELLS = 55

const counts = { histogram: 'dynoai_ve_corrections_count' }
const atMostCells = (q: number): string => `clamp_max(${quantile(q, counts)}, ${CELLS})`

const MAGNITUDES = 'dynoai_ve_corrections_magnitude_percent'
const magnitudes = { histogram: MAGNITUDES }
const all = sum(rate(`${MAGNITUDES}_count`))
const clamped = difference(all, sum(rate(`${MAGNITUDES}_bucket`, { le: atMost(CLAMP) })))

export const corrections: Row = {
  title: 'Volumetric-efficiency corrections',
  panels: [
    timeseriesWithExemplars({
      title: 'Corrections per analysis',
      description: `Cells of the fuel table that an analysis corrected, of ${CELLS}. A percentile is an estimate ` +
        `within a bucket, so it is limited to ${CELLS}; the mean is exact.`,
      unit: NoUnit,
      noValue: 'No analyses',
      width: 12
    }, [
      { expr: mean(counts), legend: 'Mean' },
      ...[0.5, 0.9].map(q => ({ expr: atMostCells(q), legend: `p${q * 100}` }))
    ]),
    heatmap({
      title: 'Corrections per analysis, all of them',
      description: 'Analyses per minute by number of corrected cells.',
      unit: NoUnit,
      noValue: 'No analyses',
      width: 12
    }, counts, 'minute'),
    heatmap({
      title: 'Largest corrections',
      description: `Analyses per minute by their largest correction, before it is clamped to ${CLAMP} %.`,
      unit: Percent,
      noValue: 'No analyses',
      width: 12
    }, magnitudes, 'minute'),
    timeseries({
      title: 'Analyses beyond the clamp',
      description: `Share of the analyses whose largest correction is above ${CLAMP} % and is clamped; 0 without ` +
        'analyses. Many clamped corrections mean that the maps are far off or that sensors are wrong.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: ratio(clamped, all), legend: `Above ${CLAMP} %` }]).max(1)
  ]
}

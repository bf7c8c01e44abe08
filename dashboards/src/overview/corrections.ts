import { CountsPerMinute, NoUnit, Percent, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { heatmap, percentiles, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { atMost, quantile, rate, ratio, sum } from '../promql.js'

/** What a correction is cut to, in per cent; a bound of the histogram. */
const CLAMP = 7

const counts = sum(rate('dynoai_ve_corrections_count_bucket'), ['le'])
const MAGNITUDE = 'dynoai_ve_corrections_magnitude_percent'
const magnitudes = sum(rate(`${MAGNITUDE}_bucket`), ['le'])
const all = sum(rate(`${MAGNITUDE}_count`))
// Both are extrapolated, each for itself, so the difference may fall a little short of 0.
const beyond = `clamp_min(${all} - ${sum(rate(`${MAGNITUDE}_bucket`, { le: atMost(CLAMP) }))}, 0)`

export const corrections: Row = {
  title: 'Volumetric-efficiency corrections',
  panels: [
    percentiles({
      title: 'Corrections per analysis',
      description: 'Cells of the fuel table that an analysis corrected, of 55.',
      unit: NoUnit,
      noValue: 'No analyses',
      width: 12
    }, [
      ...[0.5, 0.9].map(q => ({ expr: quantile(q, counts), legend: `p${q * 100}` })),
      { expr: ratio(sum(rate('dynoai_ve_corrections_count_sum')), sum(rate('dynoai_ve_corrections_count_count'))), legend: 'Mean, 0 without analyses' }
    ]),
    heatmap({
      title: 'Corrections per analysis, all of them',
      description: 'How many analyses per minute corrected how many cells.',
      unit: NoUnit,
      noValue: 'No analyses',
      width: 12
    }, `${counts} * 60`, CountsPerMinute),
    heatmap({
      title: 'Largest corrections',
      description: `The largest correction of each analysis before it is cut to ${CLAMP} %: how many analyses per minute had one of which size.`,
      unit: Percent,
      noValue: 'No analyses',
      width: 12
    }, `${magnitudes} * 60`, CountsPerMinute),
    timeseries({
      title: 'Analyses beyond the clamp',
      description: `Share of the analyses whose largest correction is above ${CLAMP} % and so is cut; 0 while there are none. Many of them mean maps that are far off, or sensors that lie.`,
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: ratio(beyond, all), legend: `Above ${CLAMP} %` }]).max(1)
  ]
}

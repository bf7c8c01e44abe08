import { CountsPerMinute, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { colored, heatmap, percentiles, stacked, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { is, quantile, rate, ratio, sum } from '../promql.js'

const ANALYSES = 'dynoai_analysis_total'
const durations = sum(rate('dynoai_analysis_duration_seconds_bucket'), ['le'])

export const analyses: Row = {
  title: 'Analyses',
  panels: [
    colored(stacked({
      title: 'Analyses by source and outcome',
      description: 'Analyses of dyno logs that ended, per minute.',
      unit: CountsPerMinute,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: `${sum(rate(ANALYSES), ['source', 'status'])} * 60`, legend: '{{source}} {{status}}' }]), [
      ['upload success', 'green'], ['jetstream success', 'blue'], ['simulator success', 'purple'],
      ['upload error', 'red'], ['jetstream error', 'orange'], ['simulator error', 'yellow']
    ]),
    timeseries({
      title: 'Failed analyses',
      description: 'Share of the analyses of a source that failed; 0 while it has none. A single source that fails points at what it delivers, all at the analysis.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: ratio(sum(rate(ANALYSES, { status: is('error') }), ['source']), sum(rate(ANALYSES), ['source'])), legend: '{{source}}' }]).max(1),
    percentiles({
      title: 'Durations of analyses',
      description: 'Time that an analysis took, whether it succeeded or not.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 12
    }, [0.5, 0.9, 0.99].map(q => ({ expr: quantile(q, durations), legend: `p${q * 100}` }))),
    heatmap({
      title: 'Durations of analyses, all of them',
      description: 'How many analyses per minute took how long.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 12
    }, `${durations} * 60`, CountsPerMinute)
  ]
}

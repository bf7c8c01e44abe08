import { CountsPerMinute, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { colored, heatmap, percentiles, stacked, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { is, quantile, rate, ratio, select, sum } from '../promql.js'

const ANALYSES = 'dynoai_analysis_total'
const BUCKETS = 'dynoai_analysis_duration_seconds_bucket'
const durations = sum(rate(BUCKETS), ['le'])

export const analyses: Row = {
  title: 'Analyses',
  panels: [
    colored(stacked({
      title: 'Analyses by source and outcome',
      description: 'Analyses of dyno logs that ended, per minute.',
      unit: CountsPerMinute,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: `${sum(rate(ANALYSES), ['source', 'status'])} * 60`, legend: '{{source}} {{status}}' }]), [
      ['upload success', 'green'], ['jetstream success', 'blue'], ['simulator success', 'purple'],
      ['upload error', 'red'], ['jetstream error', 'orange'], ['simulator error', 'yellow']
    ]),
    timeseries({
      title: 'Failed analyses',
      description: 'Share of the analyses of a source that failed; 0 while it has none. A single source that fails points at what it delivers, all at the analysis.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: ratio(sum(rate(ANALYSES, { status: is('error') }), ['source']), sum(rate(ANALYSES), ['source'])), legend: '{{source}}' }]).max(1),
    timeseries({
      title: 'Active analyses',
      description: 'Analyses that run now, by instance. A number that only grows means analyses that never end, or more of them than the instance can do.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: sum(select('dynoai_active_analyses'), ['instance']), legend: '{{instance}}' }]),
    percentiles({
      title: 'Durations of analyses',
      description: 'Time that an analysis took, from whichever source, whether it succeeded or not.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, [0.5, 0.9, 0.99].map(q => ({ expr: quantile(q, durations), legend: `p${q * 100}` }))),
    percentiles({
      title: 'Durations of analyses by source',
      description: '9 of 10 analyses of a source took less, whether they succeeded or not. A single source that is slow delivers larger logs.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, [{ expr: quantile(0.9, sum(rate(BUCKETS), ['le', 'source'])), legend: '{{source}}' }]),
    heatmap({
      title: 'Durations of analyses, all of them',
      description: 'How many analyses per minute took how long.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, `${durations} * 60`, CountsPerMinute)
  ]
}

import { NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import {
  PER_MINUTE, heatmap, quantileQueries, stackedTimeseries, timeseries, timeseriesWithExemplars, withColors
} from '../panels.js'
import type { Row } from '../panels.js'
import { equals, quantile, rate, ratio, select, sum } from '../promql.js'

const ANALYSES = 'dynoai_analysis_total'

const durations = { histogram: 'dynoai_analysis_duration_seconds' }
const failed = sum(rate(ANALYSES, { status: equals('error') }), ['source'])

export const analyses: Row = {
  title: 'Analyses',
  panels: [
    withColors(stackedTimeseries({
      title: 'Analyses by source and outcome',
      description: 'Analyses of dyno logs that ended, per minute.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: `${sum(rate(ANALYSES), ['source', 'status'])} * 60`, legend: '{{source}} {{status}}' }]), [
      ['upload success', 'green'], ['jetstream success', 'blue'], ['simulator success', 'purple'],
      ['upload error', 'red'], ['jetstream error', 'orange'], ['simulator error', 'yellow']
    ]),
    timeseries({
      title: 'Failed analyses',
      description: 'Share of the analyses of a source that failed; 0 without analyses. If only one source fails, its ' +
        'logs are probably the cause. If all sources fail, the analysis is probably the cause.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: ratio(failed, sum(rate(ANALYSES), ['source'])), legend: '{{source}}' }]).max(1),
    timeseries({
      title: 'Active analyses',
      description: 'Analyses in progress, by instance. If it only grows, some analyses never end, or the instance ' +
        'gets more analyses than it can process.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: sum(select('dynoai_active_analyses'), ['instance']), legend: '{{instance}}' }]),
    timeseriesWithExemplars({
      title: 'Durations of analyses',
      description: 'Duration of the analyses of all sources, successful or not.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, quantileQueries([0.5, 0.9, 0.99], durations)),
    timeseriesWithExemplars({
      title: 'Durations of analyses by source',
      description: '9 of 10 analyses of a source took less time, successful or not. If only one source is slow, its ' +
        'logs are larger.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, [{ expr: quantile(0.9, { ...durations, by: ['source'] }), legend: '{{source}}' }]),
    heatmap({
      title: 'Durations of analyses, all of them',
      description: 'Analyses per minute by duration.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, durations, 'minute')
  ]
}

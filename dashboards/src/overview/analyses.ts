import { LocaleFormat, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import {
  GRAPH_HEIGHT, PER_MINUTE, heatmap, meanAndQuantiles, stackedTimeseries, timeseries, timeseriesWithExemplars,
  withColors, withLegendRight
} from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { equals, increase, quantile, rate, ratio, select, sum } from '../promql.js'
import type { Matchers } from '../promql.js'
import { table } from '../tables.js'

const ANALYSES = 'dynoai_analysis_total'
const BY = ['source']
const SUCCEEDED: Matchers = { status: equals('success') }
const FAILED: Matchers = { status: equals('error') }

const durations = { histogram: 'dynoai_analysis_duration_seconds' }
const failed = sum(rate(ANALYSES, FAILED), BY)
/** Analyses in the time shown. */
const inRange = (matchers?: Matchers): string => sum(increase(ANALYSES, matchers, '$__range'), BY)

export const analyses: Row = {
  title: 'Analyses',
  panels: [
    withColors(withLegendRight(stackedTimeseries({
      title: 'Analyses by source and outcome',
      description: 'Analyses of dyno logs that ended, per minute.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 14
    }, [{ expr: `${sum(rate(ANALYSES), [...BY, 'status'])} * 60`, legend: '{{source}} {{status}}' }])), [
      ['upload success', 'green'], ['jetstream success', 'blue'], ['simulator success', 'purple'],
      ['upload error', 'red'], ['jetstream error', 'orange'], ['simulator error', 'yellow']
    ]),
    table({
      title: 'Analyses in the time shown',
      description: 'Analyses that ended, by source. A log that is refused is an analysis that failed. Prometheus ' +
        'estimates an increase, so small numbers can be slightly off.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 10
    }, {
      labels: [{ title: 'Source', label: 'source', width: 75 }],
      values: [
        { title: 'Succeeded', expr: inRange(SUCCEEDED), unit: LocaleFormat, decimals: 0 },
        { title: 'Failed', expr: inRange(FAILED), unit: LocaleFormat, decimals: 0 },
        { title: 'Failed, %', expr: ratio(inRange(FAILED), inRange()), unit: PercentUnit, decimals: 1 }
      ],
      sortBy: 'Succeeded',
      rows: 3
    }).height(GRAPH_HEIGHT),
    timeseries({
      title: 'Failed analyses',
      description: 'Share of the analyses of a source that failed; 0 without analyses. If only one source fails, its ' +
        'logs are probably the cause. If all sources fail, the analysis is probably the cause.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: ratio(failed, sum(rate(ANALYSES), BY)), legend: '{{source}}' }]).max(1),
    timeseries({
      title: 'Active analyses',
      description: 'Analyses in progress, by instance. If it only grows, some analyses never end, or the instance ' +
        'gets more analyses than it can process.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(select('dynoai_active_analyses'), ['instance']), legend: '{{instance}}' }]),
    timeseriesWithExemplars({
      title: 'Durations of analyses',
      description: 'Duration of the analyses of all sources, successful or not.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, meanAndQuantiles([0.9, 0.99], durations)),
    timeseriesWithExemplars({
      title: 'Durations of analyses by source',
      description: '9 of 10 analyses of a source took less time, successful or not. If only one source is slow, its ' +
        'logs are larger.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, [{ expr: quantile(0.9, { ...durations, by: BY }), legend: '{{source}}' }]),
    heatmap({
      title: 'Durations of analyses, all of them',
      description: 'Analyses per minute by duration.',
      unit: Seconds,
      noValue: 'No analyses',
      width: 8
    }, durations, 'minute')
  ]
}

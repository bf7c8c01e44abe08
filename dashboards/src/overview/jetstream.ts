import { PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import {
  PER_MINUTE, quantileQueries, stackedTimeseries, timeseries, timeseriesWithExemplars, withColors
} from '../panels.js'
import type { Row } from '../panels.js'
import { equals, matches, rate, ratio, sum } from '../promql.js'

const RUNS = 'dynoai_jetstream_runs_total'
const endedRuns = sum(rate(RUNS, { status: matches('complete|error') }))
const failedRuns = sum(rate(RUNS, { status: equals('error') }))

const POLLS = 'dynoai_jetstream_poll_duration_seconds'
const polls = sum(rate(`${POLLS}_count`))
const failedPolls = sum(rate(`${POLLS}_count`, { status: equals('error') }))

export const jetstream: Row = {
  title: 'Jetstream',
  panels: [
    withColors(timeseries({
      title: 'Runs by state',
      description: 'Runs that entered a state, per minute. If more runs enter a state than the next one, runs are ' +
        'stuck between the two.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: `${sum(rate(RUNS), ['status'])} * 60`, legend: '{{status}}' }
    ]), [['^complete$', 'green'], ['^error$', 'red']]),
    timeseries({
      title: 'Failures',
      description: 'Share of the runs that ended in an error, and share of the polls of the cloud that failed; 0 ' +
        'without runs or polls.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: ratio(failedRuns, endedRuns), legend: 'Runs' },
      { expr: ratio(failedPolls, polls), legend: 'Polls' }
    ]).max(1),
    withColors(stackedTimeseries({
      title: 'Polls',
      description: 'Polls of the cloud, per minute. Without polls, the service does not see new runs.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: `${sum(rate(`${POLLS}_count`), ['status'])} * 60`, legend: '{{status}}' }
    ]), [['^success$', 'green'], ['^error$', 'red']]),
    timeseriesWithExemplars({
      title: 'Durations of polls',
      description: 'Time until the cloud responded, for successful and failed polls.',
      unit: Seconds,
      noValue: 'No polls',
      width: 12
    }, quantileQueries([0.5, 0.99], { histogram: POLLS }))
  ]
}

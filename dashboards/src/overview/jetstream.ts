import { LocaleFormat, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import {
  GRAPH_HEIGHT, PER_MINUTE, meanAndQuantiles, stackedTimeseries, stat, timeseries, timeseriesWithExemplars, withColors,
  withLegendRight
} from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { equals, increase, matches, max, rate, ratio, select, sum } from '../promql.js'
import { table } from '../tables.js'

const RUNS = 'dynoai_jetstream_runs_total'
const endedRuns = sum(rate(RUNS, { status: matches('complete|error') }))
const failedRuns = sum(rate(RUNS, { status: equals('error') }))

const POLLS = 'dynoai_jetstream_poll_duration_seconds'
const polls = sum(rate(`${POLLS}_count`))
const failedPolls = sum(rate(`${POLLS}_count`, { status: equals('error') }))
const freshPolls = sum(increase(`${POLLS}_count`, { status: equals('success') }, '5m'), ['instance'])

const inRange = (series: string): string => sum(increase(series, undefined, '$__range'), ['status'])

export const jetstream: Row = {
  title: 'Jetstream',
  panels: [
    stat({
      title: 'Successful polls in 5 minutes',
      description: 'Whether an instance still sees new runs. With a poll every 30 s there are 10. With none, its ' +
        'runs are stale.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, {
      queries: [{ expr: freshPolls, legend: '{{instance}}' }],
      thresholds: ['red', [0.5, 'green']],
      decimals: 0
    }).height(GRAPH_HEIGHT),
    withColors(stackedTimeseries({
      title: 'Polls',
      description: 'Polls of the cloud, per minute. Without polls, the service does not see new runs.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: `${sum(rate(`${POLLS}_count`), ['status'])} * 60`, legend: '{{status}}' }
    ]), [['^success$', 'green'], ['^error$', 'red']]),
    timeseriesWithExemplars({
      title: 'Durations of polls',
      description: 'Time until the cloud responded, for successful and failed polls.',
      unit: Seconds,
      noValue: 'No polls',
      width: 8
    }, meanAndQuantiles([0.9, 0.99], { histogram: POLLS })),
    withColors(withLegendRight(timeseries({
      title: 'Runs by state',
      description: 'Runs that entered a state, per minute. If more runs enter a state than the next one, runs are ' +
        'stuck between the two.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: `${sum(rate(RUNS), ['status'])} * 60`, legend: '{{status}}' }
    ])), [['^complete$', 'green'], ['^error$', 'red']]).height(10),
    withLegendRight(stackedTimeseries({
      title: 'Runs that are not analysed yet',
      description: 'Runs by their state on Jetstream. A run that is complete waits for its analysis. Each instance ' +
        'sees all runs, so the highest number of an instance is shown. The metrics of this package only count ' +
        'transitions; dynoai_jetstream_open_runs is a metric of the example service.',
      unit: NoUnit,
      noValue: 'No dynoai_jetstream_open_runs',
      width: 12
    }, [{ expr: max(select('dynoai_jetstream_open_runs'), ['state']), legend: '{{state}}' }])).height(10),
    table({
      title: 'Runs in the time shown',
      description: 'Runs that entered each state. A run enters several states, and ends in complete or error.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, {
      labels: [{ title: 'State', label: 'status' }],
      values: [{ title: 'Runs', expr: inRange(RUNS), unit: LocaleFormat, decimals: 0 }],
      sortBy: 'Runs',
      rows: 7
    }),
    table({
      title: 'Polls in the time shown',
      description: 'Polls of the cloud, by outcome.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, {
      labels: [{ title: 'Outcome', label: 'status' }],
      values: [{ title: 'Polls', expr: inRange(`${POLLS}_count`), unit: LocaleFormat, decimals: 0 }],
      sortBy: 'Polls',
      rows: 2
    }).height(10),
    timeseries({
      title: 'Failures',
      description: 'Share of the runs that ended in an error, and share of the polls of the cloud that failed; 0 ' +
        'without runs or polls.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: ratio(failedRuns, endedRuns), legend: 'Runs' },
      { expr: ratio(failedPolls, polls), legend: 'Polls' }
    ]).max(1).height(10)
  ]
}

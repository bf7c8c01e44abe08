import { CountsPerMinute, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { colored, percentiles, stacked, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { is, like, quantile, rate, ratio, sum } from '../promql.js'

const RUNS = 'dynoai_jetstream_runs_total'
const POLL = 'dynoai_jetstream_poll_duration_seconds'
const polls = sum(rate(`${POLL}_count`))

export const jetstream: Row = {
  title: 'Jetstream',
  panels: [
    colored(timeseries({
      title: 'Runs by state',
      description: 'Runs that entered a state, per minute. Where more enter one state than the next, runs are stuck between the two.',
      unit: CountsPerMinute,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: `${sum(rate(RUNS), ['status'])} * 60`, legend: '{{status}}' }]), [['^complete$', 'green'], ['^error$', 'red']]),
    timeseries({
      title: 'Failures',
      description: 'Share of the runs that ended in error, and of the polls of the cloud that failed; 0 while there are none.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: ratio(sum(rate(RUNS, { status: is('error') })), sum(rate(RUNS, { status: like('complete|error') }))), legend: 'Runs' },
      { expr: ratio(sum(rate(`${POLL}_count`, { status: is('error') })), polls), legend: 'Polls' }
    ]).max(1),
    colored(stacked({
      title: 'Polls',
      description: 'Polls of the cloud, per minute. None at all means that new runs are not seen.',
      unit: CountsPerMinute,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: `${sum(rate(`${POLL}_count`), ['status'])} * 60`, legend: '{{status}}' }]), [['^success$', 'green'], ['^error$', 'red']]),
    percentiles({
      title: 'Durations of polls',
      description: 'Time that the cloud took to answer, whether the poll succeeded or not.',
      unit: Seconds,
      noValue: 'No polls',
      width: 12
    }, [0.5, 0.99].map(q => ({ expr: quantile(q, sum(rate(`${POLL}_bucket`), ['le'])), legend: `p${q * 100}` })))
  ]
}

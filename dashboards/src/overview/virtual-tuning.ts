import { CountsPerMinute, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { colored, heatmap, percentiles, stacked, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { is, quantile, rate, ratio, select, sum, unlike } from '../promql.js'

const SESSIONS = 'dynoai_virtual_tuning_sessions_total'
const ended = { status: unlike('running') }
const iterations = sum(rate('dynoai_virtual_tuning_iterations_bucket'), ['le'])

export const virtualTuning: Row = {
  title: 'Virtual tuning',
  panels: [
    colored(stacked({
      title: 'Sessions by outcome',
      description: 'Sessions that ended, per minute.',
      unit: CountsPerMinute,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: `${sum(rate(SESSIONS, ended), ['status'])} * 60`, legend: '{{status}}' }]), [
      ['^converged$', 'green'], ['^failed$', 'red'], ['^max_iterations$', 'orange'], ['^stopped$', 'blue']
    ]),
    timeseries({
      title: 'Sessions that converged',
      description: 'Share of the sessions that ended; 0 while there are none. Those that are stopped count, too.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: ratio(sum(rate(SESSIONS, { status: is('converged') })), sum(rate(SESSIONS, ended))), legend: 'Converged' }]).max(1),
    timeseries({
      title: 'Open sessions',
      description: 'Sessions that are open now, by instance. A number that only grows means sessions that never end.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: sum(select('dynoai_active_sessions'), ['instance']), legend: '{{instance}}' }]),
    percentiles({
      title: 'Iterations',
      description: 'Iterations that a session took; at most 10 unless it was asked for more.',
      unit: NoUnit,
      noValue: 'No sessions',
      width: 12
    }, [0.5, 0.9].map(q => ({ expr: quantile(q, iterations), legend: `p${q * 100}` }))),
    heatmap({
      title: 'Iterations, all of them',
      description: 'How many sessions per minute took how many iterations.',
      unit: NoUnit,
      noValue: 'No sessions',
      width: 12
    }, `${iterations} * 60`, CountsPerMinute)
  ]
}

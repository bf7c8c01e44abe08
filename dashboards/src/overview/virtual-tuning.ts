import { LocaleFormat, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import {
  GRAPH_HEIGHT, PER_MINUTE, heatmap, meanAndQuantiles, stackedTimeseries, timeseries, timeseriesWithExemplars,
  withColors, withLegendRight
} from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { doesNotMatch, equals, increase, rate, ratio, select, sum } from '../promql.js'
import { table } from '../tables.js'

const SESSIONS = 'dynoai_virtual_tuning_sessions_total'
const ENDED = { status: doesNotMatch('running') }
const converged = sum(rate(SESSIONS, { status: equals('converged') }))
const iterations = { histogram: 'dynoai_virtual_tuning_iterations' }

export const virtualTuning: Row = {
  title: 'Virtual tuning',
  panels: [
    withColors(withLegendRight(stackedTimeseries({
      title: 'Sessions by outcome',
      description: 'Sessions that ended, per minute.',
      unit: PER_MINUTE,
      noValue: 'Not scraped',
      width: 14
    }, [{ expr: `${sum(rate(SESSIONS, ENDED), ['status'])} * 60`, legend: '{{status}}' }])), [
      ['^converged$', 'green'], ['^failed$', 'red'], ['^max_iterations$', 'orange'], ['^stopped$', 'blue']
    ]),
    table({
      title: 'Sessions in the time shown',
      description: 'Sessions that ended, by outcome.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 10
    }, {
      labels: [{ title: 'Outcome', label: 'status' }],
      values: [{
        title: 'Sessions', expr: sum(increase(SESSIONS, ENDED, '$__range'), ['status']), unit: LocaleFormat, decimals: 0
      }],
      sortBy: 'Sessions',
      rows: 4
    }).height(GRAPH_HEIGHT),
    timeseries({
      title: 'Sessions that converged',
      description: 'Share of the ended sessions that converged; 0 without ended sessions. Stopped sessions also ' +
        'count as ended.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: ratio(converged, sum(rate(SESSIONS, ENDED))), legend: 'Converged' }]).max(1),
    timeseries({
      title: 'Open sessions',
      description: 'Open sessions by instance. If it only grows, some sessions never end.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(select('dynoai_active_sessions'), ['instance']), legend: '{{instance}}' }]),
    timeseriesWithExemplars({
      title: 'Iterations',
      description: 'Iterations per session. The default maximum is 10.',
      unit: NoUnit,
      noValue: 'No sessions',
      width: 12
    }, meanAndQuantiles([0.5, 0.9], iterations)),
    heatmap({
      title: 'Iterations, all of them',
      description: 'Sessions per minute by number of iterations.',
      unit: NoUnit,
      noValue: 'No sessions',
      width: 12
    }, iterations, 'minute')
  ]
}

import { RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { SLOW_AFTER_SECONDS } from '../objectives.js'
import {
  heatmap, meanAndQuantiles, stackedTimeseries, timeseriesWithExemplars, withColors, withLegendRight,
  withThresholdLines
} from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { rateOrZero } from '../promql.js'
import { DURATIONS, NO_UPGRADES, REQUESTS } from '../requests.js'
import { CHOSEN_ROUTE } from '../variables.js'
import { clientErrorsByRoute, exceptionsByRoute } from './errors.js'

const durations = { histogram: DURATIONS, matchers: { ...NO_UPGRADES, ...CHOSEN_ROUTE } }

export const traffic: Row = {
  title: 'Requests',
  panels: [
    withColors(withLegendRight(stackedTimeseries({
      title: 'Requests by status',
      description: 'Requests that ended, by status. 499 is a response that was not completed, for any reason. 101 is ' +
        'an upgraded connection that closed.',
      unit: RequestsPerSecond,
      noValue: 'No requests',
      width: 12
    }, [
      { expr: rateOrZero(REQUESTS, CHOSEN_ROUTE, ['status']), legend: '{{status}}' }
    ])), [['^1..$', 'purple'], ['^2..$', 'green'], ['^3..$', 'blue'], ['^4..$', 'orange'], ['^5..$', 'red']])
      .height(10),
    exceptionsByRoute.height(10),
    withThresholdLines(timeseriesWithExemplars({
      title: 'Durations',
      description: 'Time from the arrival of a request to the end of its response. Upgrades are excluded. The dashed ' +
        `line is the ${SLOW_AFTER_SECONDS} s of the objective.`,
      unit: Seconds,
      noValue: 'No requests',
      width: 12
    }, meanAndQuantiles([0.9, 0.99], durations)), ['transparent', [SLOW_AFTER_SECONDS, 'red']]),
    heatmap({
      title: 'Durations, all of them',
      description: 'Requests per second by duration. Upgrades are excluded. Two bands are two kinds of requests; a ' +
        'percentile hides the difference.',
      unit: Seconds,
      noValue: 'No requests',
      width: 12
    }, durations, 'second'),
    clientErrorsByRoute
  ]
}

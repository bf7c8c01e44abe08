import { RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { SLOW_AFTER_SECONDS } from '../objectives.js'
import {
  heatmap, quantileQueries, stackedTimeseries, timeseriesWithExemplars, withColors, withThresholdLines
} from '../panels.js'
import type { Row } from '../panels.js'
import { rate, sum } from '../promql.js'
import { CLIENT_ERRORS, DURATIONS, NO_UPGRADES, REQUESTS, SERVER_ERRORS } from '../requests.js'
import { CHOSEN_ROUTE } from '../variables.js'

const durations = { histogram: DURATIONS, matchers: { ...NO_UPGRADES, ...CHOSEN_ROUTE } }
const clientErrors = sum(rate(REQUESTS, { ...CLIENT_ERRORS, ...CHOSEN_ROUTE }), ['path', 'status'])

const serverErrors = sum(rate(REQUESTS, { ...SERVER_ERRORS, ...CHOSEN_ROUTE }), ['path'])
const allRequests = sum(rate(REQUESTS, CHOSEN_ROUTE), ['path'])

export const traffic: Row = {
  title: 'Requests',
  panels: [
    withColors(stackedTimeseries({
      title: 'Requests by status',
      description: 'Requests that ended, by status. 499 is a response that was not completed, for any reason. 101 is ' +
        'an upgraded connection that closed.',
      unit: RequestsPerSecond,
      noValue: 'No requests',
      width: 12
    }, [
      { expr: sum(rate(REQUESTS, CHOSEN_ROUTE), ['status']), legend: '{{status}}' }
    ]), [['^1..$', 'purple'], ['^2..$', 'green'], ['^3..$', 'blue'], ['^4..$', 'orange'], ['^5..$', 'red']]),
    withThresholdLines(timeseriesWithExemplars({
      title: 'Durations',
      description: 'Time from the arrival of a request to the end of its response. Upgrades are excluded. The dashed ' +
        `line is the ${SLOW_AFTER_SECONDS} s of the objective.`,
      unit: Seconds,
      noValue: 'No requests',
      width: 12
    }, quantileQueries([0.5, 0.9, 0.99], durations)), ['transparent', [SLOW_AFTER_SECONDS, 'red']]),
    heatmap({
      title: 'Durations, all of them',
      description: 'Requests per second by duration. Upgrades are excluded. Two bands are two kinds of requests; a ' +
        'percentile hides the difference.',
      unit: Seconds,
      noValue: 'No requests',
      width: 12
    }, durations, 'second'),
    stackedTimeseries({
      title: 'Server errors',
      description: 'Requests with a 5xx response, by route. The routes that fail most are the first.',
      unit: RequestsPerSecond,
      noValue: 'No requests',
      width: 12
    }, [{ expr: `${serverErrors} or ${allRequests} * 0`, legend: '{{path}}' }]),
    stackedTimeseries({
      title: 'Client errors',
      description: 'Requests with a 4xx response, by route and status. Many 404 on __unmatched__ are scanners. 413 ' +
        'and 422 are logs that cannot be read. 499 are clients that disconnect.',
      unit: RequestsPerSecond,
      noValue: 'No client errors',
      width: 12
    }, [{ expr: clientErrors, legend: '{{status}} {{path}}' }])
  ]
}

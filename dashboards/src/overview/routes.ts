import { PercentUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { AVAILABILITY, SLOW_AFTER_SECONDS } from '../objectives.js'
import type { Row } from '../panels/index.js'
import { mean, quantile, rate, RECENT, ratio, sum } from '../promql.js'
import type { Matchers } from '../promql.js'
import { budget, CLIENT_ERRORS, DURATIONS, NO_UPGRADES, REQUESTS, SERVER_ERRORS } from '../requests.js'
import { routeColumn, table } from '../tables.js'
import { CHOSEN_ROUTE } from '../variables.js'

const BY = ['method', 'path']

const serverErrors = sum(rate(REQUESTS, { ...SERVER_ERRORS, ...CHOSEN_ROUTE }, RECENT), BY)
const requests = sum(rate(REQUESTS, CHOSEN_ROUTE, RECENT), BY)
const durations = { histogram: DURATIONS, matchers: { ...NO_UPGRADES, ...CHOSEN_ROUTE }, range: RECENT, by: BY }
const shareOf = (matchers: Matchers): string =>
  ratio(sum(rate(REQUESTS, { ...matchers, ...CHOSEN_ROUTE }, RECENT), BY), requests)

export const routes: Row = {
  title: 'Routes',
  panels: [
    table({
      title: 'Requests by route',
      description: 'Requests in the last 5 minutes by route and method, those with the most server errors first. ' +
        'Click a route to filter this dashboard by it. Choose All in the list at the top to show every route again. ' +
        '__unmatched__ are requests that match no route.',
      unit: RequestsPerSecond,
      noValue: 'No requests',
      width: 24
    }, {
      labels: [routeColumn('Show this route alone'), { title: 'Method', label: 'method', width: 90 }],
      values: [
        { title: 'Requests', expr: requests, unit: RequestsPerSecond },
        { title: '5xx', expr: `${serverErrors} or ${requests} * 0`, unit: RequestsPerSecond },
        {
          title: 'Share 5xx',
          expr: shareOf(SERVER_ERRORS),
          unit: PercentUnit,
          thresholds: ['text', [budget(AVAILABILITY), 'yellow'], [budget(AVAILABILITY, 14.4), 'red']]
        },
        {
          title: 'Share 4xx',
          expr: shareOf(CLIENT_ERRORS),
          unit: PercentUnit,
          thresholds: ['text', [0.1, 'yellow'], [0.5, 'orange']]
        },
        { title: 'Mean', expr: mean(durations), unit: Seconds },
        {
          title: 'p99',
          expr: quantile(0.99, durations),
          unit: Seconds,
          thresholds: ['text', [SLOW_AFTER_SECONDS / 2, 'yellow'], [SLOW_AFTER_SECONDS, 'red']]
        }
      ],
      sortBy: '5xx',
      thenBy: 'p99',
      pageRows: 14
    })
  ]
}

import { PercentUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { AVAILABILITY, SLOW_AFTER_SECONDS } from '../objectives.js'
import type { Row } from '../panels.js'
import { quantile, rate, ratio, sum } from '../promql.js'
import type { Matches } from '../promql.js'
import { BUCKETS, budget, FAILED, NO_UPGRADES, REFUSED, REQUESTS } from '../requests.js'
import { table } from '../tables.js'
import { onRoute, ROUTE_ON_OVERVIEW } from '../variables.js'

const RANGE = '5m'
const BY = ['method', 'path']

const requests = sum(rate(REQUESTS, onRoute, RANGE), BY)
const share = (of: Matches): string => ratio(sum(rate(REQUESTS, { ...of, ...onRoute }, RANGE), BY), requests)
const percentile = (q: number): string => quantile(q, sum(rate(BUCKETS, { ...NO_UPGRADES, ...onRoute }, RANGE), [...BY, 'le']))

export const routes: Row = {
  title: 'Routes',
  panels: [
    table({
      title: 'Requests by route',
      description: 'Requests of the last 5 minutes by route and method. A click on a route shows this dashboard for it alone; All in the list above leads back. __unmatched__ are requests that no route takes.',
      unit: RequestsPerSecond,
      noValue: 'No requests',
      width: 24
    }, [
      { title: 'Route', label: 'path', link: { title: 'Show this route alone', url: ROUTE_ON_OVERVIEW } },
      { title: 'Method', label: 'method' }
    ], [
      { title: 'Requests', expr: requests, unit: RequestsPerSecond },
      { title: 'Server errors', expr: share(FAILED), unit: PercentUnit, thresholds: ['text', [budget(AVAILABILITY), 'yellow'], [budget(AVAILABILITY, 14.4), 'red']] },
      { title: 'Client errors', expr: share(REFUSED), unit: PercentUnit, thresholds: ['text', [0.1, 'yellow'], [0.5, 'orange']] },
      { title: 'Median', expr: percentile(0.5), unit: Seconds },
      { title: '99th percentile', expr: percentile(0.99), unit: Seconds, thresholds: ['text', [SLOW_AFTER_SECONDS / 2, 'yellow'], [SLOW_AFTER_SECONDS, 'red']] }
    ], 'Requests')
  ]
}

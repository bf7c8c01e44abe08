import { RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { SLOW_AFTER_SECONDS } from '../objectives.js'
import { colored, heatmap, limited, percentiles, stacked } from '../panels.js'
import type { Row } from '../panels.js'
import { quantile, rate, sum } from '../promql.js'
import { BUCKETS, NO_UPGRADES, REFUSED, REQUESTS } from '../requests.js'
import { onRoute } from '../variables.js'

const durations = sum(rate(BUCKETS, { ...NO_UPGRADES, ...onRoute }), ['le'])

export const traffic: Row = {
  title: 'Requests',
  panels: [
    colored(stacked({
      title: 'Requests by status',
      description: 'Requests that ended, by status. 499 is a response that was not completed, whoever broke it; 101 an upgraded connection that closed.',
      unit: RequestsPerSecond,
      noValue: 'No requests',
      width: 12
    }, [{ expr: sum(rate(REQUESTS, onRoute), ['status']), legend: '{{status}}' }]), [
      ['^1..$', 'purple'], ['^2..$', 'green'], ['^3..$', 'blue'], ['^4..$', 'orange'], ['^5..$', 'red']
    ]),
    limited(percentiles({
      title: 'Durations',
      description: `From the arrival of a request to the end of its response, upgrades left out. The dashed line is the ${SLOW_AFTER_SECONDS} s of the objective.`,
      unit: Seconds,
      noValue: 'No requests',
      width: 12
    }, [0.5, 0.9, 0.99].map(q => ({ expr: quantile(q, durations), legend: `p${q * 100}` }))), ['transparent', [SLOW_AFTER_SECONDS, 'red']]),
    heatmap({
      title: 'Durations, all of them',
      description: 'How many requests per second took how long, upgrades left out. Two bands are two kinds of requests, which a percentile hides.',
      unit: Seconds,
      noValue: 'No requests',
      width: 12
    }, durations, RequestsPerSecond),
    stacked({
      title: 'Client errors',
      description: 'Requests answered with 4xx, by route and status. Many 404 on __unmatched__ are scanners; 413 and 422 are logs that cannot be read; 499 are clients that do not wait.',
      unit: RequestsPerSecond,
      noValue: 'No client errors',
      width: 12
    }, [{ expr: sum(rate(REQUESTS, { ...REFUSED, ...onRoute }), ['path', 'status']), legend: '{{status}} {{path}}' }])
  ]
}

import { INSTANCE_SERIES, LATENCY, requestRateSeries } from '../objectives.js'
import { INSTANCE } from './rule.js'
import type { RuleGroup } from './rule.js'

const { requests, requestsOf5m, failed, slow, stuckFor5m, stuckFor15m } = INSTANCE_SERIES

const CLIENT_ERRORS = 'DynoaiClientErrors'

const increases = (matchers: string, window: string): string =>
  `sum by (job) (increase(dynoai_requests_total{${matchers}}[${window}]))`

/** Whether an instance has most of the bad requests of its job, although it has no such share of all requests. */
const isWorse = (bad: string, ratio: number): string => `${bad} >= 10
and ${bad} > ${ratio} * ${requests}
and ${bad}
> on (job) group_left () 0.8 * sum by (job) (${bad})
and ${requests}
< on (job) group_left () 0.67 * sum by (job) (${requests})`

/** Alerts on requests that the objectives do not see, or see too late. */
export const requestAlerts: RuleGroup = {
  name: 'dynoai-requests',
  rules: [
    {
      comment: 'If all requests become slow, the hour of the burn rate needs 9 minutes to exceed its limit. Half of ' +
        'the requests of 5 minutes are slow after 2.5 minutes.',
      alert: 'DynoaiSlow',
      expr: `${LATENCY.recordedSeries('5m')} > 0.5
and ${LATENCY.recordedSeries('5m')} * ${requestRateSeries('5m')} * 300 >= 10`,
      for: '1m',
      severity: 'page',
      summary: '{{ $labels.job }} is slow',
      description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} in the last 5 minutes ' +
        'took longer than a second.'
    },
    {
      comment: 'A request that never ends is not counted, so no objective sees it. It pages if at most ' +
        'twice as many requests have ended in the same 5 minutes.',
      alert: 'DynoaiRequestsStuck',
      expr: `${stuckFor5m} >= 10
and ${stuckFor5m} > ${requestsOf5m} / 2`,
      for: '1m',
      severity: 'page',
      labels: { window: '5m' },
      summary: `Requests to ${INSTANCE} do not end`,
      description: `{{ $value | humanize }} requests to ${INSTANCE} have not ended for 5 minutes, and fewer than ` +
        'twice as many have ended in this time.'
    },
    {
      alert: 'DynoaiRequestsStuck',
      expr: `${stuckFor15m} >= 5`,
      for: '5m',
      severity: 'ticket',
      labels: { window: '15m' },
      summary: `Some requests to ${INSTANCE} do not end`,
      description: `{{ $value | humanize }} requests to ${INSTANCE} have not ended for 15 minutes.`
    },
    {
      comment: 'A deployment that refuses everybody (a route that moved, a check that is too strict) has no 5xx. ' +
        'Scanners also cause thousands of 4xx, but then as many requests succeed as in the hour before. Once the ' +
        'alert fires, that is no reason to end it: after an hour, the hour before is part of the outage.',
      alert: CLIENT_ERRORS,
      expr: `${increases('status=~"4.."', '10m')}
/ (${increases('status!~"101|1xx"', '10m')} > 0) > 0.9
and ${increases('status=~"4.."', '10m')} >= 100
unless (
  ${increases('status=~"[23].."', '10m')}
  > ${increases('status=~"[23].."', '1h')} / 24
  unless on (job) ALERTS{alertname="${CLIENT_ERRORS}", alertstate="firing"}
)`,
      for: '2m',
      severity: 'page',
      summary: '{{ $labels.job }} refuses almost all requests',
      description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} in the last 10 minutes ' +
        'had a 4xx response, and few of the others succeeded, compared with the last hour.'
    },
    {
      comment: 'The error ratio of a job hides one bad instance of many. It has more than 4/5 of the bad requests, ' +
        'less than 2/3 of all requests, and more than 2 % errors, or 5 % slow requests.',
      alert: 'DynoaiInstanceWorse',
      expr: isWorse(failed, 0.02),
      for: '5m',
      severity: 'ticket',
      labels: { worse: 'errors' },
      summary: `${INSTANCE} fails more often than the other instances`,
      description: `{{ $value | humanize }} requests to ${INSTANCE} failed with a 5xx in the last 10 minutes, more ` +
        'than 80 % of all that failed.'
    },
    {
      alert: 'DynoaiInstanceWorse',
      expr: isWorse(slow, 0.05),
      for: '5m',
      severity: 'ticket',
      labels: { worse: 'latency' },
      summary: `${INSTANCE} is slower than the other instances`,
      description: `{{ $value | humanize }} requests to ${INSTANCE} took longer than a second in the last 10 ` +
        'minutes, more than 80 % of all that did.'
    }
  ]
}

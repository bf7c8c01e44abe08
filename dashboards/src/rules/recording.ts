import {
  AVAILABILITY, INSTANCE_SERIES, LATENCY, RATIO_WINDOWS, REQUEST_WINDOWS, requestRateSeries, SLOW_AFTER_SECONDS
} from '../objectives.js'
import { atMost } from '../promql.js'
import { countBy, sumBy, withinBy } from './histogram.js'
import type { RuleFile } from './rule.js'

const ENDED = 'status!~"101|1xx"'
const FAILED = 'status=~"5.."'
const { operator, value } = atMost(SLOW_AFTER_SECONDS)
const FAST = `le${operator}"${value}", ${ENDED}`
/** 0 for a service without requests. */
const ZERO = '0 * max by (job) (dynoai_exporter_info)'
const DURATIONS = 'dynoai_request_duration_seconds'

const requests = (matchers: string, window: string): string =>
  `sum by (job) (rate(dynoai_requests_total{${matchers}}[${window}]))`

const slowRatio = (window: string): string => `clamp_min(
  1 - sum by (job) (rate(${DURATIONS}_bucket{${FAST}}[${window}]))
  / (sum by (job) (rate(${DURATIONS}_count{${ENDED}}[${window}])) > 0),
  0
)
or 1 - histogram_fraction(-Inf, ${SLOW_AFTER_SECONDS}, sum by (job) (
  rate(${DURATIONS}{${ENDED}}[${window}])
)) >= 0
or ${ZERO}`

const DURATION = { histogram: DURATIONS, matchers: ENDED } as const
const PER_INSTANCE = 'job, instance'
/** 0 for an instance without requests. */
const INSTANCE_ZERO = '0 * max by (job, instance) (dynoai_exporter_info)'

const increases = (matchers: string, window = '10m'): string =>
  `sum by (${PER_INSTANCE}) (increase(dynoai_requests_total{${matchers}}[${window}]))\nor ${INSTANCE_ZERO}`

const slowIncreases = (): string => `clamp_min(
  ${indent(countBy(PER_INSTANCE, { ...DURATION, fn: 'increase', window: '10m' }))}
  - ${indent(withinBy(PER_INSTANCE, SLOW_AFTER_SECONDS, { ...DURATION, fn: 'increase', window: '10m' }))},
  0
)
or ${INSTANCE_ZERO}`

const stuck = (window: string): string => `clamp_min(
  sum by (${PER_INSTANCE}) (min_over_time(dynoai_requests_in_flight[${window}]))
  - ${indent(sumBy(PER_INSTANCE, { ...DURATION, fn: 'rate', window }))},
  0
)
or sum by (${PER_INSTANCE}) (min_over_time(dynoai_requests_in_flight[${window}]))`

const indent = (text: string): string => text.replaceAll('\n', '\n  ')

/** The recording rules of the objectives, and of what tells instances apart. */
export const recordingRules: RuleFile = {
  comment: 'For each job and each window of the burn-rate alerts: the ratio of bad requests to all requests. Also ' +
    'the rate of requests. For a service without requests, each `or 0 * …` and each `> 0` of a divisor result in 0 ' +
    'instead of no value or NaN. The duration of an accepted upgrade is the time that its socket is open, so ' +
    'its status (101, or 1xx with `groupStatus`) is excluded. Durations are a classic histogram, whose bound of' +
    ' one second is "1" or "1.0", depending on the version of Prometheus, or a native one, if Prometheus ' +
    'converts it. A service that sets `requests.buckets` must include the bound 1. Otherwise its latency ' +
    'objective always counts as met, or is estimated.',
  groups: [{
    name: 'dynoai-slo',
    interval: '30s',
    rules: [
      ...REQUEST_WINDOWS.map(window => ({
        record: requestRateSeries(window),
        expr: `${requests(ENDED, window)}\nor ${ZERO}`
      })),
      ...RATIO_WINDOWS.map(window => ({
        record: AVAILABILITY.recordedSeries(window),
        expr: `${requests(FAILED, window)}\n/ (${requests(ENDED, window)} > 0)\nor ${ZERO}`
      })),
      ...RATIO_WINDOWS.map(window => ({
        record: LATENCY.recordedSeries(window),
        expr: slowRatio(window)
      }))
    ]
  }, {
    comment: 'For each instance: its requests, and how many of them were bad. Stuck requests have not ended for the ' +
      'whole window, at least. The requests that end take as many places on average as their durations per second ' +
      '(Little’s law); what is in flight beyond that is stuck. Upgrades and routes with `until: headers` are not in ' +
      'flight.',
    name: 'dynoai-instances',
    interval: '30s',
    rules: [
      { record: INSTANCE_SERIES.requestsOf5m, expr: increases(ENDED, '5m') },
      { record: INSTANCE_SERIES.requests, expr: increases(ENDED) },
      { record: INSTANCE_SERIES.failed, expr: increases(FAILED) },
      { record: INSTANCE_SERIES.slow, expr: slowIncreases() },
      { record: INSTANCE_SERIES.stuckFor5m, expr: stuck('5m') },
      { record: INSTANCE_SERIES.stuckFor15m, expr: stuck('15m') }
    ]
  }]
}

import {
  AVAILABILITY, LATENCY, RATIO_WINDOWS, REQUEST_WINDOWS, requestRateSeries, SLOW_AFTER_SECONDS
} from '../objectives.js'
import { atMost } from '../promql.js'
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

/** The recording rules of the objectives. */
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
  }]
}

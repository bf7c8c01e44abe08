import { NoUnit, PercentUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { AVAILABILITY, LATENCY, SLOW_AFTER_SECONDS } from '../objectives.js'
import type { Objective } from '../objectives.js'
import { stat, withLink } from '../panels/index.js'
import { atMost, doesNotMatch, orZero, quantile, rate, ratio, RECENT, select, sum } from '../promql.js'
import { budget, budgetLeft, DURATIONS, NO_UPGRADES, REQUESTS, SERVER_ERRORS } from '../requests.js'
import { CHOSEN_ROUTE, SERVICE_LEVELS_URL } from '../variables.js'
import { HEIGHT, WIDTH } from './stat-size.js'

/** Limits of Apdex for a satisfied and a tolerating user, in seconds. Both are bucket bounds. */
const SATISFIED = 0.25
const TOLERATED = 4 * SATISFIED

const BUCKETS = `${DURATIONS}_bucket`
const requests = orZero(sum(rate(REQUESTS, CHOSEN_ROUTE, RECENT)))
const counted = orZero(sum(rate(REQUESTS, { ...NO_UPGRADES, ...CHOSEN_ROUTE }, RECENT)))
const failed = sum(rate(REQUESTS, { ...SERVER_ERRORS, ...CHOSEN_ROUTE }, RECENT))
const durations = { histogram: DURATIONS, matchers: { ...NO_UPGRADES, ...CHOSEN_ROUTE }, range: RECENT }

// A failed request never satisfies a user, however fast it is. If all requests fail, no bucket series is selected, and
// Apdex is 0.
const NEITHER_FAILED_NOR_UPGRADED = doesNotMatch('101|1xx|5..')
const within = (seconds: number): string =>
  sum(rate(BUCKETS, { status: NEITHER_FAILED_NOR_UPGRADED, ...CHOSEN_ROUTE, le: atMost(seconds) }, RECENT))
const apdex = `((${within(SATISFIED)} + ${within(TOLERATED)}) / 2 / (${counted} > 0) or (${counted} > 0) * 0)`

export const errorRatio = stat({
  title: 'Error ratio',
  description: 'Share of requests with a 5xx response in the last 5 minutes. ' +
    `Yellow from ${budget(AVAILABILITY)}, the limit of the objective. ` +
    'Red from the ratio that uses up the error budget of 30 days in two days.',
  unit: PercentUnit,
  noValue: 'Not scraped',
  width: WIDTH
}, {
  queries: [{ expr: ratio(failed, counted), legend: '5xx' }],
  thresholds: ['green', [budget(AVAILABILITY), 'yellow'], [budget(AVAILABILITY, 14.4), 'red']],
  decimals: 2
}).height(HEIGHT)

export const slowest = stat({
  title: 'p99 duration',
  description: `99 of 100 requests in the last 5 minutes took less time. Red from ${SLOW_AFTER_SECONDS} s, the ` +
    'limit of the objective. Upgrades are excluded.',
  unit: Seconds,
  noValue: 'No requests',
  width: WIDTH
}, {
  queries: [{ expr: quantile(0.99, durations), legend: 'p99' }],
  thresholds: ['green', [SLOW_AFTER_SECONDS / 2, 'yellow'], [SLOW_AFTER_SECONDS, 'red']]
}).height(HEIGHT)

export const requestRate = stat({
  title: 'Request rate',
  description: 'Requests that ended in the last 5 minutes, including upgrades.',
  unit: RequestsPerSecond,
  noValue: 'Not scraped',
  width: WIDTH
}, {
  queries: [{ expr: requests, legend: 'Requests' }],
  thresholds: ['blue'],
  decimals: 2
}).height(HEIGHT)

export const inFlight = stat({
  title: 'In flight',
  description: 'Requests that have not ended yet, of all routes. If it only grows, some requests never end.',
  unit: NoUnit,
  noValue: 'Not scraped',
  width: WIDTH
}, {
  queries: [{ expr: sum(select('dynoai_requests_in_flight')), legend: 'In flight' }],
  thresholds: ['blue']
}).height(HEIGHT)

export const apdexScore = stat({
  title: 'Apdex',
  description: `Share of satisfied users in the last 5 minutes. A response within ${SATISFIED} s counts fully, ` +
    `within ${TOLERATED} s half. A slower response or a 5xx does not count. 0.94 is excellent, 0.85 good, 0.7 ` +
    'fair.',
  unit: NoUnit,
  noValue: 'No requests',
  width: WIDTH
}, {
  queries: [{ expr: apdex, legend: 'Apdex' }],
  thresholds: ['red', [0.7, 'orange'], [0.85, 'yellow'], [0.94, 'green']],
  decimals: 2
}).height(HEIGHT)

/** What is left of the budget of an objective. A click opens the service levels. */
const left = (title: string, objective: Objective) => withLink(stat({
  title,
  description: 'Share of the error budget that is left, for all routes. The budget is the ' +
    `${budget(objective) * 100} % of requests that may be ${objective.bad} in 30 days, or since the first scrape. ` +
    'Needs a Prometheus retention of 30 days. A click opens the service levels.',
  unit: PercentUnit,
  noValue: 'Not scraped',
  width: WIDTH
}, {
  queries: [{ expr: budgetLeft(objective), legend: 'Budget left' }],
  thresholds: ['red', [0, 'orange'], [0.25, 'green']],
  decimals: 1
}).height(HEIGHT), { title: 'Service levels', url: SERVICE_LEVELS_URL })

export const errorsLeft = left('Error budget', AVAILABILITY)
export const slowLeft = left('Slow budget', LATENCY)

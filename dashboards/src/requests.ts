import { AVAILABILITY, SLOW_AFTER_SECONDS, WINDOW } from './objectives.js'
import type { Objective } from './objectives.js'
import { atMost, difference, doesNotMatch, increase, matches, orZero, ratio, sum } from './promql.js'
import type { Matchers } from './promql.js'

/** Requests by method and status. */
const TOTALS = 'dynoai_requests_total'
/** Durations by method, path and status. */
export const DURATIONS = 'dynoai_request_duration_seconds'
/** Requests by method, path and status. */
export const REQUESTS = `${DURATIONS}_count`
const BUCKETS = `${DURATIONS}_bucket`

// An upgraded connection is counted when it closes, so its duration is how long it was open. With `groupStatus` its
// status is 1xx.
export const NO_UPGRADES: Matchers = { status: doesNotMatch('101|1xx') }
export const SERVER_ERRORS: Matchers = { status: matches('5..') }
export const CLIENT_ERRORS: Matchers = { status: matches('4..') }

const FAST: Matchers = { ...NO_UPGRADES, le: atMost(SLOW_AFTER_SECONDS) }

// Only durations have the route. Without it, the totals are fewer series, and the same for each form of histograms.
const requestsBy = (by: readonly string[]): string => by.includes('path') ? REQUESTS : TOTALS

/** Requests in a range that count for an objective. */
export const countedRequests = (range: string, by: readonly string[]): string =>
  sum(increase(requestsBy(by), NO_UPGRADES, range), by)

/** Requests in a range that are bad for an objective. */
export function badRequests ({ name }: Objective, range: string, by: readonly string[]): string {
  if (name === AVAILABILITY.name) return sum(increase(requestsBy(by), SERVER_ERRORS, range), by)
  return difference(sum(increase(REQUESTS, NO_UPGRADES, range), by), sum(increase(BUCKETS, FAST, range), by))
}

/** The share of bad requests in a range; 0 without requests. */
export const badShare = (objective: Objective, range: string, by: readonly string[] = []): string =>
  ratio(badRequests(objective, range, by), orZero(countedRequests(range, by), by))

/**
 * The share of the error budget that is left: 1 without bad requests, below 0 when the budget is exceeded.
 *
 * It reads the counters, not the recorded ratios. An average of the ratios would give a quiet night the same weight as
 * a busy day. It would also miss the time before the rules were loaded, and a service that is minutes old. For a
 * service younger than 30 days, the increase over 30 days is the increase since its start. The query reads every sample
 * of 30 days, so it is an instant query and is never drawn over time.
 */
export const budgetLeft = (objective: Objective, by: readonly string[] = []): string =>
  `1 - ${badShare(objective, WINDOW, by)} / ${budget(objective)}`

/** The share of requests that may be bad, at a burn rate. */
export const budget = ({ target }: Objective, burnRate = 1): number => Number((burnRate * (1 - target)).toFixed(6))

import { AVAILABILITY, SLOW_AFTER_SECONDS, WINDOW } from './objectives.js'
import type { Objective } from './objectives.js'
import { atMost, increase, like, orZero, ratio, sum, unlike } from './promql.js'
import type { Matches } from './promql.js'

export const REQUESTS = 'dynoai_request_duration_seconds_count'
export const BUCKETS = 'dynoai_request_duration_seconds_bucket'

// An upgraded connection counts when it closes, so its time is how long it was used. `groupStatus` makes it 1xx.
export const NO_UPGRADES: Matches = { status: unlike('101|1xx') }
export const FAILED: Matches = { status: like('5..') }
export const REFUSED: Matches = { status: like('4..') }

const FAST: Matches = { ...NO_UPGRADES, le: atMost(SLOW_AFTER_SECONDS) }

/** Requests that count for an objective, over a range. */
export const countedRequests = (range: string, by: readonly string[]): string => sum(increase(REQUESTS, NO_UPGRADES, range), by)

/** Those of them that are bad. */
export function badRequests ({ name }: Objective, range: string, by: readonly string[]): string {
  if (name === AVAILABILITY.name) return sum(increase(REQUESTS, FAILED, range), by)
  // Both are extrapolated, each for itself, so the difference may fall a little short of 0.
  return `clamp_min(${countedRequests(range, by)} - ${sum(increase(BUCKETS, FAST, range), by)}, 0)`
}

/** The share of bad requests over a range; 0 without requests. */
export const badShare = (objective: Objective, range: string, by: readonly string[] = []): string =>
  ratio(badRequests(objective, range, by), orZero(countedRequests(range, by), by))

/**
 * What is left of the budget for bad requests, of 1 when none has been bad, below 0 when it is overdrawn.
 *
 * From the counters themselves, not from the recorded shares: an average of those would weigh a quiet night like a busy
 * day, and would know neither the time before the rules were loaded nor a service that is minutes old. An increase over
 * 30 days is that of the service's life while it is younger. It reads every sample of 30 days, so it is asked for once,
 * as an instant query, and never drawn over time.
 */
export const budgetLeft = (objective: Objective, by: readonly string[] = []): string =>
  `1 - ${badShare(objective, WINDOW, by)} / ${budget(objective)}`

/** The share of requests that may be bad, at a burn rate. */
export const budget = ({ target }: Objective, burnRate = 1): number => Number((burnRate * (1 - target)).toFixed(6))

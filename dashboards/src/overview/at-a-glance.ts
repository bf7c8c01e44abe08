import { NoUnit, PercentUnit, RequestsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { AVAILABILITY, SLOW_AFTER_SECONDS } from '../objectives.js'
import { stat } from '../panels.js'
import type { Row } from '../panels.js'
import { atMost, orZero, quantile, rate, ratio, select, sum, unlike } from '../promql.js'
import { BUCKETS, budget, budgetLeft, FAILED, NO_UPGRADES, REQUESTS } from '../requests.js'
import { onRoute } from '../variables.js'

const RANGE = '5m'

/** A response within this many seconds satisfies; within four times as many it is tolerated. Both are bounds. */
const SATISFIED = 0.25
const TOLERATED = 4 * SATISFIED

const requests = orZero(sum(rate(REQUESTS, onRoute, RANGE)))
const counted = orZero(sum(rate(REQUESTS, { ...NO_UPGRADES, ...onRoute }, RANGE)))
const failed = sum(rate(REQUESTS, { ...FAILED, ...onRoute }, RANGE))

// A failure frustrates, however fast it comes; where there is nothing else, no series is within anything, and Apdex is 0.
const within = (seconds: number): string => sum(rate(BUCKETS, { status: unlike('101|1xx|5..'), ...onRoute, le: atMost(seconds) }, RANGE))
const apdex = `((${within(SATISFIED)} + ${within(TOLERATED)}) / 2 / (${counted} > 0) or (${counted} > 0) * 0)`

/** What someone who is called looks at first. */
export const atAGlance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Requests per second',
      description: 'Requests that ended in the last 5 minutes, upgrades included.',
      unit: RequestsPerSecond,
      noValue: 'Not scraped',
      width: 4
    }, [{ expr: requests, legend: 'Requests' }], ['blue'], 2),
    stat({
      title: 'Error ratio',
      description: `Share of the requests of the last 5 minutes that were answered with 5xx. Yellow from the objective's ${budget(AVAILABILITY)} on, red where the budget of 30 days lasts two days.`,
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 4
    }, [{ expr: ratio(failed, counted), legend: '5xx' }], ['green', [budget(AVAILABILITY), 'yellow'], [budget(AVAILABILITY, 14.4), 'red']], 2),
    stat({
      title: '99th percentile',
      description: `99 of 100 requests of the last 5 minutes took less. Red from the ${SLOW_AFTER_SECONDS} s of the objective on. Upgrades are left out.`,
      unit: Seconds,
      noValue: 'No requests',
      width: 4
    }, [{ expr: quantile(0.99, sum(rate(BUCKETS, { ...NO_UPGRADES, ...onRoute }, RANGE), ['le'])), legend: 'p99' }], ['green', [SLOW_AFTER_SECONDS / 2, 'yellow'], [SLOW_AFTER_SECONDS, 'red']]),
    stat({
      title: 'In flight',
      description: 'Requests that have not ended yet, of all routes. A number that only grows means that something hangs.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 4
    }, [{ expr: sum(select('dynoai_requests_in_flight')), legend: 'In flight' }], ['blue']),
    stat({
      title: 'Apdex',
      description: `Share of satisfied users in the last 5 minutes: a response within ${SATISFIED} s satisfies, one within ${TOLERATED} s counts half, a slower one or a 5xx not at all. 0.94 is excellent, 0.85 good, 0.7 fair.`,
      unit: NoUnit,
      noValue: 'No requests',
      width: 4
    }, [{ expr: apdex, legend: 'Apdex' }], ['red', [0.7, 'orange'], [0.85, 'yellow'], [0.94, 'green']], 2),
    stat({
      title: 'Error budget left',
      description: `What is left of the ${budget(AVAILABILITY) * 100} % of requests that may fail in 30 days, or since the first scrape, of all routes. Prometheus must keep 30 days.`,
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 4
    }, [{ expr: budgetLeft(AVAILABILITY), legend: 'Budget left' }], ['red', [0, 'orange'], [0.25, 'green']], 1)
  ]
}

import { NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { BURN_LIMITS, DRAWN_WINDOWS, WINDOW } from '../objectives.js'
import type { Objective } from '../objectives.js'
import { limited, stat, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { orZero, ratio, select } from '../promql.js'
import { badRequests, badShare, budget, budgetLeft, countedRequests } from '../requests.js'

const BY = ['job']

const burnRate = (objective: Objective, window: string): string => `${select(objective.recorded(window))} / ${budget(objective)}`

/** How one objective is kept: the numbers of 30 days, the burn rates now, and over time beside the limits of the alerts. */
export function objectiveRow (objective: Objective): Row {
  const { name, target, bad } = objective
  const counted = orZero(countedRequests(WINDOW, BY), BY)
  const spent = ratio(badRequests(objective, '$__range', BY), counted)
  return {
    title: `${name}: ${target * 100} % of requests in 30 days not ${bad}`,
    panels: [
      stat({
        title: `${name} over 30 days`,
        description: `Share of the requests of 30 days, or since the first scrape, that were not ${bad}. Upgrades are left out. Prometheus must keep 30 days.`,
        unit: PercentUnit,
        noValue: 'Not scraped',
        width: 6
      }, [{ expr: `1 - ${badShare(objective, WINDOW, BY)}`, legend: '{{job}}' }], ['red', [target, 'green']], 3),
      stat({
        title: `${name}: budget left`,
        description: `What is left of the ${budget(objective) * 100} % of requests that may be ${bad} in 30 days; below 0 it is overdrawn.`,
        unit: PercentUnit,
        noValue: 'Not scraped',
        width: 6
      }, [{ expr: budgetLeft(objective, BY), legend: '{{job}}' }], ['red', [0, 'orange'], [0.25, 'green']], 1),
      stat({
        title: `${name}: budget spent in the time shown`,
        description: 'Share of the budget of 30 days that the requests in the time chosen above have used up, at the traffic of 30 days.',
        unit: PercentUnit,
        noValue: 'Not scraped',
        width: 6
      }, [{ expr: `${spent} / ${budget(objective)}`, legend: '{{job}}' }], ['green', [0.1, 'yellow'], [0.5, 'red']], 1),
      stat({
        title: `${name}: requests that count`,
        description: 'Requests of 30 days, or since the first scrape, upgrades left out.',
        unit: NoUnit,
        noValue: 'Not scraped',
        width: 6
      }, [{ expr: counted, legend: '{{job}}' }], ['blue'], 0),
      ...DRAWN_WINDOWS.map(({ window, factor }) => stat({
        title: `${name}: burn rate over ${window}`,
        description: `How many times faster than the budget of 30 days allows it was used in the last ${window}; 1 uses it up in exactly 30 days. ${limitOf(window)} Of the whole job, from the recording rules.`,
        unit: NoUnit,
        noValue: 'Rules not loaded',
        width: 6
      }, [{ expr: burnRate(objective, window), legend: '{{job}}' }], factor === 1 ? ['green', [1, 'red']] : ['green', [1, 'yellow'], [factor, 'red']], 2)),
      limited(timeseries({
        title: `${name}: burn rates`,
        description: 'How many times faster than allowed the budget was used, over four windows. The dashed lines are the limits of the alerts: 14.4 and 6 page, 3 and 1 are tickets. Of the whole job, from the recording rules.',
        unit: NoUnit,
        noValue: 'Rules not loaded',
        width: 24
      }, DRAWN_WINDOWS.map(({ window, factor }) => ({ expr: burnRate(objective, window), legend: `{{job}} ${window}, limit ${factor}` }))), ['transparent', ...LIMIT_LINES])
    ]
  }
}

const LIMIT_LINES = BURN_LIMITS.map(({ factor, severity }) => [factor, severity === 'page' ? 'red' : 'orange'] as const).toReversed()

function limitOf (window: string): string {
  return BURN_LIMITS
    .filter(({ long, short }) => [long, short].includes(window))
    .map(({ long, short, factor, severity }) => `Above ${factor} over both ${long} and ${short} an alert fires (${severity}).`)
    .join(' ')
}

import { LocaleFormat, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import { BURN_LIMITS, SHOWN_WINDOWS, WINDOW } from '../objectives.js'
import type { Objective } from '../objectives.js'
import { stat, timeseries, withLegendRight, withThresholdLines } from '../panels/index.js'
import type { Query, Row, Thresholds } from '../panels/index.js'
import { orZero, ratio, select } from '../promql.js'
import { badRequests, badShare, budget, budgetLeft, countedRequests } from '../requests.js'
import { budgetLine } from './budget-over-time.js'

const BY = ['job']

const burnRate = (objective: Objective, window: string): string =>
  `${select(objective.recordedSeries(window))} / ${budget(objective)}`

/**
 * The row of an objective: the numbers of 30 days and the current burn rates, then the budget and the burn rates over
 * time.
 */
export function objectiveRow (objective: Objective): Row {
  const { name, target, bad } = objective
  const counted = orZero(countedRequests(WINDOW, BY), BY)
  const badShareInRange = ratio(badRequests(objective, '$__range', BY), counted)
  const burnRates = SHOWN_WINDOWS.map(({ window, factor }): Query =>
    ({ expr: burnRate(objective, window), legend: `{{job}} ${window}, limit ${factor}` }))
  return {
    title: `${name}: ${target * 100} % of requests in 30 days not ${bad}`,
    panels: [
      stat({
        title: `${name} over 30 days`,
        description: `Share of requests that were not ${bad}, over 30 days or since the first scrape. Upgrades are ` +
          'excluded. Needs a Prometheus retention of 30 days.',
        unit: PercentUnit,
        noValue: 'Not scraped',
        width: 6
      }, {
        queries: [{ expr: `1 - ${badShare(objective, WINDOW, BY)}`, legend: '{{job}}' }],
        thresholds: ['red', [target, 'green']],
        decimals: 3
      }),
      stat({
        title: `${name}: budget left`,
        description: `Share of the error budget that is left. The budget is the ${budget(objective) * 100} % of ` +
          `requests that may be ${bad} in 30 days. Below 0, the budget is exceeded.`,
        unit: PercentUnit,
        noValue: 'Not scraped',
        width: 6
      }, {
        queries: [{ expr: budgetLeft(objective, BY), legend: '{{job}}' }],
        thresholds: ['red', [0, 'orange'], [0.25, 'green']],
        decimals: 1
      }),
      stat({
        title: `${name}: budget used`,
        description: 'Share of the error budget of 30 days that the requests in the time shown have used. The budget ' +
          'is computed from the requests of 30 days.',
        unit: PercentUnit,
        noValue: 'Not scraped',
        width: 6
      }, {
        queries: [{ expr: `${badShareInRange} / ${budget(objective)}`, legend: '{{job}}' }],
        thresholds: ['green', [0.1, 'yellow'], [0.5, 'red']],
        decimals: 1
      }),
      stat({
        title: `${name}: requests`,
        description: 'Requests over 30 days or since the first scrape. Upgrades are excluded.',
        unit: LocaleFormat,
        noValue: 'Not scraped',
        width: 6
      }, {
        queries: [{ expr: counted, legend: '{{job}}' }],
        thresholds: ['blue'],
        decimals: 0
      }),
      ...SHOWN_WINDOWS.map(({ window, factor }) => stat({
        title: `${name}: burn in ${window}`,
        description: `How fast the error budget was used in the last ${window}, as a multiple of the allowed rate. A ` +
          `burn rate of 1 uses up the budget in exactly 30 days. ${describeLimits(window)} For the whole job, from ` +
          'the recording rules.',
        unit: NoUnit,
        noValue: 'Rules not loaded',
        width: 6
      }, {
        queries: [{ expr: burnRate(objective, window), legend: '{{job}}' }],
        thresholds: factor === 1 ? ['green', [1, 'red']] : ['green', [1, 'yellow'], [factor, 'red']],
        decimals: 2
      })),
      budgetLine(objective, 12),
      withLegendRight(withThresholdLines(timeseries({
        title: `${name}: burn rates`,
        description: 'How fast the error budget was used, as a multiple of the allowed rate, over four windows. The ' +
          'dashed lines are the limits of the alerts: 14.4 and 6 page, 3 and 1 create tickets. For the whole job, ' +
          'from the recording rules.',
        unit: NoUnit,
        noValue: 'Rules not loaded',
        width: 12
      }, burnRates), LIMIT_LINES))
    ]
  }
}

const LIMIT_LINES: Thresholds = [
  'transparent',
  ...BURN_LIMITS.map(({ factor, severity }) => [factor, severity === 'page' ? 'red' : 'orange'] as const).toReversed()
]

function describeLimits (window: string): string {
  return BURN_LIMITS
    .filter(({ long, short }) => [long, short].includes(window))
    .map(({ long, short, factor, severity }) =>
      `An alert (${severity}) fires if it is above ${factor} over both ${long} and ${short}.`)
    .join(' ')
}

import t from 'tap'
import {
  AVAILABILITY, BURN_LIMITS, LATENCY, recordedNames, SHOWN_WINDOWS, SLOW_AFTER_SECONDS
} from '../../dashboards/src/objectives.js'
import { atMost } from '../../dashboards/src/promql.js'
import { budget } from '../../dashboards/src/requests.js'
import { DASHBOARDS, readDashboard } from '../fixtures/dashboards/dashboard.js'
import { readAlertRules, readRecordingRules } from '../fixtures/rules/read.js'

t.test('computes the error budget from the target', async t => {
  t.equal(budget(AVAILABILITY), 0.001)
  t.equal(budget(LATENCY), 0.01)
})

t.test('each burn limit uses 2, 5, 10 or 10 % of the budget of 30 days within its long window', async t => {
  const HOURS: Readonly<Record<string, number>> = { '1h': 1, '6h': 6, '1d': 24, '3d': 72 }
  const shares = BURN_LIMITS.map(({ long, factor }) =>
    Math.round(1000 * factor * (HOURS[long] ?? NaN) / (30 * 24)) / 1000)
  t.strictSame(shares, [0.02, 0.05, 0.1, 0.1])
})

t.test('shows each window with the limit of the first alert that reads it', async t => {
  const shown = SHOWN_WINDOWS.map(({ window, factor }) => [window, factor])
  t.strictSame(shown, [['5m', 14.4], ['1h', 14.4], ['6h', 6], ['3d', 1]])
})

t.test('records every window of an alert', async t => {
  for (const window of BURN_LIMITS.flatMap(({ long, short }) => [long, short])) {
    for (const objective of [AVAILABILITY, LATENCY]) {
      t.ok(recordedNames.includes(objective.recordedSeries(window)), window)
    }
  }
})

t.test('only the dashboard of objectives reads recorded series, and the descriptions of its panels say so', async t => {
  const recorded = DASHBOARDS.filter(name => JSON.stringify(readDashboard(name)).includes('job:dynoai'))
  t.strictSame(recorded, ['dynoai-slo.json'])
  const { panels } = readDashboard('dynoai-slo.json')
  for (const { title, description, targets = [] } of panels) {
    if (targets.some(({ expr }) => expr.includes('job:dynoai'))) t.match(description, 'from the recording rules', title)
  }
})

t.test('the recording rules write exactly the series that dashboards know', async t => {
  t.strictSame(readRecordingRules().map(({ record = '' }) => record).sort(), [...recordedNames].sort())
})

/** The first two lines of a burn-rate alert: two windows of one series above a factor times a budget. */
const BURN_CONDITION = /^(\S+)ratio_rate(\w+) > ([\d.]+) \* ([\d.]+)\nand \1ratio_rate(\w+) > \3 \* \4\n/

t.test('the alerts have the limits, windows, severities and budgets that dashboards show', async t => {
  const pairs = [[AVAILABILITY, 'DynoaiAvailabilityBudgetBurn'], [LATENCY, 'DynoaiLatencyBudgetBurn']] as const
  for (const [objective, name] of pairs) {
    const found = readAlertRules().filter(({ alert }) => alert === name).map(({ expr, for: duration, labels }) => {
      const [, series, long = '', factor, budget, short] = BURN_CONDITION.exec(expr) ?? []
      return {
        limit: { long, short, factor: Number(factor), for: duration, severity: labels?.['severity'] },
        budget: Number(budget),
        recorded: `${series}ratio_rate${long}`
      }
    })
    t.strictSame(found, BURN_LIMITS.map(limit => ({
      limit,
      budget: budget(objective),
      recorded: objective.recordedSeries(limit.long)
    })), name)
  }
})

t.test('the recording rules and the dashboards use the same limit for slow requests', async t => {
  const bounds = readRecordingRules().flatMap(({ expr }) => [...expr.matchAll(/\ble(=~?)"([^"]+)"/g)])
    .map(([, operator, value]) => ({ operator, value }))
  t.equal(bounds.length, 8)
  for (const bound of bounds) t.strictSame(bound, atMost(SLOW_AFTER_SECONDS))
})

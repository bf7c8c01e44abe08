import t from 'tap'
import { AVAILABILITY, BURN_LIMITS, DRAWN_WINDOWS, LATENCY, recordedNames, SLOW_AFTER_SECONDS } from '../../dashboards/src/objectives.js'
import { atMost } from '../../dashboards/src/promql.js'
import { budget } from '../../dashboards/src/requests.js'
import { DASHBOARDS, readDashboard } from '../fixtures/dashboards/dashboard.js'
import { readAlertRules, readRecordingRules } from '../fixtures/rules/read.js'

t.test('a budget is what the target leaves', async t => {
  t.equal(budget(AVAILABILITY), 0.001)
  t.equal(budget(LATENCY), 0.01)
})

t.test('a limit uses up its share of the budget of 30 days within its long window', async t => {
  const HOURS: Readonly<Record<string, number>> = { '1h': 1, '6h': 6, '1d': 24, '3d': 72 }
  const shares = BURN_LIMITS.map(({ long, factor }) => Math.round(1000 * factor * (HOURS[long] ?? NaN) / (30 * 24)) / 1000)
  t.strictSame(shares, [0.02, 0.05, 0.1, 0.1])
})

t.test('a window is drawn with the limit of the first alert that reads it', async t => {
  t.strictSame(DRAWN_WINDOWS.map(({ window, factor }) => [window, factor]), [['5m', 14.4], ['1h', 14.4], ['6h', 6], ['3d', 1]])
})

t.test('every window of an alert is recorded', async t => {
  for (const { long, short } of BURN_LIMITS) {
    for (const window of [long, short]) for (const objective of [AVAILABILITY, LATENCY]) t.ok(recordedNames.includes(objective.recorded(window)), window)
  }
})

t.test('only the dashboard that says so needs the recording rules', async t => {
  const recorded = DASHBOARDS.filter(name => JSON.stringify(readDashboard(name)).includes('job:dynoai'))
  t.strictSame(recorded, ['dynoai-slo.json'])
  const { panels } = readDashboard('dynoai-slo.json')
  for (const { title, description, targets = [] } of panels) {
    if (targets.some(({ expr }) => expr.includes('job:dynoai'))) t.match(description, 'from the recording rules', title)
  }
})

t.test('the recording rules write the series that dashboards read, and no others', async t => {
  t.strictSame(readRecordingRules().map(({ record = '' }) => record).sort(), [...recordedNames].sort())
})

/** What an alert on a burn rate says in PromQL: two windows of one series above a factor of a budget. */
const BURNS = /^(\S+)ratio_rate(\w+) > ([\d.]+) \* ([\d.]+)\nand \1ratio_rate(\w+) > \3 \* \4\n/

t.test('the alerts have the limits, windows, severities and budgets that dashboards show', async t => {
  for (const [objective, alert] of [[AVAILABILITY, 'DynoaiAvailabilityBudgetBurn'], [LATENCY, 'DynoaiLatencyBudgetBurn']] as const) {
    const found = readAlertRules().filter(rule => rule.alert === alert).map(({ expr, labels }) => {
      const [, series, long = '', factor, budget, short] = BURNS.exec(expr) ?? []
      return { limit: { long, short, factor: Number(factor), severity: labels?.['severity'] }, budget: Number(budget), recorded: `${series}ratio_rate${long}` }
    })
    t.strictSame(found, BURN_LIMITS.map(limit => ({ limit, budget: budget(objective), recorded: objective.recorded(limit.long) })), alert)
  }
})

t.test('what is slow to the rules is slow to dashboards', async t => {
  const bounds = readRecordingRules().flatMap(({ expr }) => [...expr.matchAll(/\ble(=~?)"([^"]+)"/g)].map(([, operator, value]) => ({ operator, value })))
  t.equal(bounds.length, 7)
  for (const bound of bounds) t.strictSame(bound, atMost(SLOW_AFTER_SECONDS))
})

import t from 'tap'
import { AVAILABILITY, BURN_LIMITS, DRAWN_WINDOWS, LATENCY, recordedNames } from '../../dashboards/src/objectives.js'
import { budget } from '../../dashboards/src/requests.js'
import { DASHBOARDS, readDashboard } from '../fixtures/dashboards/dashboard.js'

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

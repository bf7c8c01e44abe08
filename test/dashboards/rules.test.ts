import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { createFastify } from '../fixtures/app.js'
import { root } from '../fixtures/root.js'
import { checkAlerts } from '../fixtures/rules/check-alerts.js'
import { checkExpression, findMetricNames } from '../fixtures/rules/check-expression.js'
import { checkRunbook } from '../fixtures/rules/check-runbook.js'
import { readAlertRules, readRecordingRules } from '../fixtures/rules/read.js'
import { checkRuleTests } from '../fixtures/rules/check-tests.js'
import type { Alert, AlertTest, RuleTest, RuleTests } from '../fixtures/rules/types.js'
import { dynoaiMetrics } from '../../lib/plugin.js'

// What can be checked without promtool, which the integration tests run.

const read = (name: string): string => readFileSync(new URL(name, root), 'utf8')

const recorded = readRecordingRules()
const alerts = readAlertRules()
const names = [...new Set(alerts.map(({ alert }) => alert))]
const runbook = read('dashboards/RUNBOOK.md')
const tests: RuleTest[] = readdirSync(new URL('test/dashboards/rules/', root))
  .flatMap(file => (parse(read(`test/dashboards/rules/${file}`)) as RuleTests).tests)

/** Every series that a rule may read: those of an instance, what Prometheus itself adds, and what is recorded. */
async function knownNames (t: Parameters<typeof createFastify>[0]): Promise<Set<string>> {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics)
  await fastify.inject('/x')
  const metrics = await fastify.metrics.registry.getMetricsAsJSON()
  const series = metrics.flatMap(({ name, type }) => String(type) === 'histogram' ? ['_bucket', '_count', '_sum'].map(end => name + end) : [name])
  return new Set([...series, 'up', 'scrape_duration_seconds', ...recorded.map(({ record }) => record ?? '')])
}

t.test('there are the alerts and recorded series of the contract', async t => {
  t.strictSame(names.sort(), [
    'DynoaiAbsent', 'DynoaiAnalysesFailing', 'DynoaiAvailabilityBudgetBurn', 'DynoaiDescriptorsRunningOut', 'DynoaiDown',
    'DynoaiEventLoopLagging', 'DynoaiJetstreamFailing', 'DynoaiJetstreamStale', 'DynoaiLatencyBudgetBurn', 'DynoaiMemoryGrowing',
    'DynoaiRestarting', 'DynoaiScrapeSlow', 'DynoaiUploadsFlooding'
  ])
  const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d']
  t.strictSame(recorded.map(({ record }) => record ?? '').sort(), [
    ...['5m', '1h', '6h', '1d', '3d'].map(window => `job:dynoai_requests:rate${window}`),
    ...windows.map(window => `job:dynoai_availability_errors:ratio_rate${window}`),
    ...windows.map(window => `job:dynoai_latency_slow:ratio_rate${window}`)
  ].sort())
})

t.test('a recorded series looks at the window in its name, and at no other', async t => {
  for (const { record = '', expr } of recorded) {
    const windows = new Set([...expr.matchAll(/\[(\w+)\]/g)].map(([, window]) => window))
    t.strictSame([...windows], [/rate(\w+)$/.exec(record)?.[1]], record)
  }
})

t.test('each pair of windows burns at its rate, of the budget of its objective', async t => {
  const pairs = [['1h', '5m', 14.4, 'page', 3600], ['6h', '30m', 6, 'page', 21600], ['1d', '2h', 3, 'ticket', 86400], ['3d', '6h', 1, 'ticket', 259200]] as const
  for (const [alert, ratio, budget] of [['DynoaiAvailabilityBudgetBurn', 'availability_errors', 0.001], ['DynoaiLatencyBudgetBurn', 'latency_slow', 0.01]] as const) {
    t.strictSame(alerts.filter(one => one.alert === alert).map(({ labels, expr }) => ({ labels, expr })), pairs.map(([long, short, rate, severity, seconds]) => ({
      labels: { severity, long_window: long, short_window: short },
      expr: `job:dynoai_${ratio}:ratio_rate${long} > ${rate} * ${budget}\n` +
        `and job:dynoai_${ratio}:ratio_rate${short} > ${rate} * ${budget}\n` +
        `and job:dynoai_${ratio}:ratio_rate${long} * job:dynoai_requests:rate${long} * ${seconds} >= 10\n`
    })))
  }
})

t.test('every alert is complete, and finds its words', async t => {
  t.strictSame(checkAlerts(alerts), [])
})

t.test('what is wrong with an alert is found', async t => {
  const alert: Alert = {
    alert: 'A',
    expr: 'sum by (job) (up) > 1',
    labels: { severity: 'page' },
    annotations: { summary: '{{ $labels.job }}', description: '{{ $value | humanize }}', runbook_url: 'dashboards/RUNBOOK.md#a' }
  }
  const { annotations } = alert
  t.strictSame(checkAlerts([alert]), [])
  const cases: Array<[string, Partial<Alert>]> = [
    ['A: severity undefined', { labels: {} }],
    ['A: severity critical', { labels: { severity: 'critical' } }],
    ['A: annotations summary,runbook_url', { annotations: { summary: '{{ $labels.job }}', runbook_url: 'dashboards/RUNBOOK.md#a' } }],
    ['A: an empty annotation', { annotations: { ...annotations, description: ' ' } }],
    ['A: runbook dashboards/RUNBOOK.md#b', { annotations: { ...annotations, runbook_url: 'dashboards/RUNBOOK.md#b' } }],
    ['A window=1h: a template with a label of the rule', { labels: { severity: 'page', window: '1h' }, annotations: { ...annotations, description: '{{ $labels.window }}' } }],
    ['A: a template without job', { annotations: { ...annotations, summary: 'x' } }],
    ['A: a number that is not humanised', { annotations: { ...annotations, description: '{{ $value }}' } }],
    ['A: no job or instance that it is by', { expr: 'sum(up) > 1' }]
  ]
  for (const [fault, change] of cases) t.strictSame(checkAlerts([{ ...alert, ...change }]), [fault])
  t.strictSame(checkAlerts([alert, { ...alert, labels: { severity: 'ticket' } }]), ['A: there are two'])
  t.match(checkAlerts([{ alert: 'B', expr: 'up' }]), ['B: severity undefined', 'B: annotations '])
})

t.test('every expression reads what there is, in every form, and no upgrades', async t => {
  const known = await knownNames(t)
  for (const { record, alert, expr } of [...recorded, ...alerts]) t.strictSame(checkExpression(expr, known), [], record ?? alert ?? '')
})

t.test('what is wrong with an expression is found', async t => {
  const known = new Set(['up', 'a:b', 'dynoai_request_duration_seconds_count', 'dynoai_request_duration_seconds_bucket'])
  const requests = 'dynoai_request_duration_seconds'
  const cases: Array<[string, string[]]> = [
    ['sum by (job) (rate(up{status="x"}[5m])) > 1 or 0 * max by (job) (a:b)', []],
    ['up and on (job) group by (job) (last_over_time(a:b[7d] offset 1h))', []],
    ['dynoai_upp unless up', ['unknown dynoai_upp']],
    ['up{job="dynoai"}', ['a job is named']],
    [`${requests}_bucket{status!~"101|1xx", le="1"}`, ['a bound in one form: le="1"']],
    [`${requests}_bucket{status!~"101|1xx", le=~"1|2"}`, ['a bound in one form: le=~"1|2"']],
    [`${requests}_bucket{status!~"101|1xx", le=~"1([.]0)?"}`, []],
    [`${requests}_count{status=~"5.."}`, []],
    [`${requests}_count{status!="101"}`, [`upgrades in ${requests}_count{status!="101"}`]]
  ]
  for (const [expr, faults] of cases) t.strictSame(checkExpression(expr, known), faults, expr)
  t.strictSame(findMetricNames('clamp_min(1 - sum by (job) (rate(x{y="z"}[5m])) / (sum by (job) (rate(u[5m])) > 0), 0)'), ['x', 'u'])
})

t.test('every alert has tests in which it fires and stays silent, and where it burns, resets', async t => {
  t.strictSame(checkRuleTests(alerts, tests), [])
  const titles = tests.map(({ name }) => name)
  t.notOk(titles.some(name => (name ?? '') === ''), 'every test says what it shows')
})

t.test('what the tests of rules leave out is found', async t => {
  const burn: Alert = { alert: 'A', expr: '', labels: { severity: 'page', long_window: '1h' } }
  const plain: Alert = { alert: 'A', expr: '' }
  const fires = { alertname: 'A', exp_alerts: [{ exp_labels: { severity: 'page', long_window: '1h', job: 'x' } }] }
  const other = { alertname: 'A', exp_alerts: [{ exp_labels: { severity: 'page', long_window: '6h' } }] }
  const silent = { alertname: 'A', exp_alerts: [] }
  const test = (...cases: AlertTest[]): RuleTest => ({ name: '', alert_rule_test: cases })
  const title = 'A long_window=1h'
  const cases: Array<[Alert, RuleTest[], string[]]> = [
    [burn, [test(silent, fires, silent), test(silent)], []],
    [burn, [test(fires, other), test(silent), { name: 'without alerts' }], []],
    [burn, [test(silent, fires), test(silent)], [`${title}: no test in which it resets`]],
    [burn, [test(fires, silent)], [`${title}: no test in which it stays silent`]],
    [burn, [test(other, silent), test(silent)], [`${title}: no test in which it fires`, `${title}: no test in which it resets`]],
    [plain, [test(fires), test(silent)], []],
    [plain, [], ['A: no test in which it fires', 'A: no test in which it stays silent']],
    [{ alert: 'B', expr: '' }, [test(silent)], ['A: there is no such alert', 'B: no test in which it fires', 'B: no test in which it stays silent']]
  ]
  for (const [alert, tests, faults] of cases) t.strictSame(checkRuleTests([alert], tests), faults)
})

t.test('every alert has its section in the runbook, and every section its alert', async t => {
  t.strictSame(checkRunbook(names, runbook), [])
})

t.test('what is wrong with the runbook is found', async t => {
  const section = (name: string): string => `## ${name}\n\n**Means.** x\n\n**Confirm.** x\n\n**Do.** see [A](#a)\n`
  const cases: Array<[string, string[]]> = [
    [section('A'), []],
    ['', ['A: no section']],
    [section('A') + section('B'), ['B: no such alert']],
    [section('A') + section('A'), ['A: two sections']],
    [section('A').replace('**Confirm.**', ''), ['A: no **Confirm.**']],
    [section('A') + '[b](#b)', ['a link to nowhere: ](#b)']]
  ]
  for (const [text, faults] of cases) t.strictSame(checkRunbook(['A'], text), faults)
})

t.test('what the runbook asks Prometheus for exists', async t => {
  const known = await knownNames(t)
  const families = [...known].map(name => name.replace(/_(?:bucket|count|sum)$/, ''))
  const asked = [...runbook.matchAll(/(?<![\w:])(?:job:|dynoai_|nodejs_|process_)[\w:]+/g)].map(([name]) => name)
  t.ok(asked.length > 30)
  t.strictSame(asked.filter(name => !known.has(name) && !families.includes(name)), [])
})

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
import { DEFAULT_RUNBOOK_BASE } from '../../dashboards/src/runbook-base.js'
import { REFUSALS } from '../../examples/dynoai-api/analysis/refusals.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { MetricDefinitions } from '../../lib/types/index.js'

// These tests do not need promtool. The integration tests run promtool.

const read = (name: string): string => readFileSync(new URL(name, root), 'utf8')

const recorded = readRecordingRules()
const alerts = readAlertRules()
const names = [...new Set(alerts.map(({ alert }) => alert))]
const runbook = read('dashboards/RUNBOOK.md')
const tests: RuleTest[] = readdirSync(new URL('test/dashboards/rules/', root))
  .flatMap(file => (parse(read(`test/dashboards/rules/${file}`)) as RuleTests).tests)

/**
 * Returns every series that a rule may read: series of an instance, of Prometheus and of recording rules, and those of
 * an application.
 */
async function readKnownSeries (
  t: Parameters<typeof createFastify>[0], definitions: MetricDefinitions = {}
): Promise<Set<string>> {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics)
  fastify.metrics.define(definitions)
  await fastify.inject('/x')
  const metrics = await fastify.metrics.registry.getMetricsAsJSON()
  const series = metrics.flatMap(({ name, type }) =>
    String(type) === 'histogram' ? ['', '_bucket', '_count', '_sum'].map(suffix => name + suffix) : [name])
  return new Set([
    ...series, 'up', 'scrape_duration_seconds', 'dynoai_metrics_workers', ...recorded.map(({ record }) => record ?? '')
  ])
}

t.test('the names of alerts and recorded series do not change', async t => {
  t.strictSame(names.sort(), [
    'DynoaiAbsent', 'DynoaiAnalysesFailing', 'DynoaiAvailabilityBudgetBurn', 'DynoaiClientErrors',
    'DynoaiDescriptorsRunningOut', 'DynoaiDown', 'DynoaiEventLoopLagging', 'DynoaiFlapping', 'DynoaiInstanceGone',
    'DynoaiInstanceWorse', 'DynoaiJetstreamFailing', 'DynoaiJetstreamStale', 'DynoaiLatencyBudgetBurn',
    'DynoaiMemoryGrowing', 'DynoaiMetricsFailing', 'DynoaiRequestsStuck', 'DynoaiRestarting', 'DynoaiScrapeSlow',
    'DynoaiScrapesRefused', 'DynoaiSlow', 'DynoaiTuningFailing', 'DynoaiUploadsFlooding', 'DynoaiWorkerStale'
  ])
  const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d']
  t.strictSame(recorded.map(({ record }) => record ?? '').sort(), [
    'instance:dynoai_requests:increase5m',
    'instance:dynoai_requests:increase10m', 'instance:dynoai_requests_failed:increase10m',
    'instance:dynoai_requests_slow:increase10m', 'instance:dynoai_requests_stuck:min5m',
    'instance:dynoai_requests_stuck:min15m',
    ...['5m', '1h', '6h', '1d', '3d'].map(window => `job:dynoai_requests:rate${window}`),
    ...windows.map(window => `job:dynoai_availability_errors:ratio_rate${window}`),
    ...windows.map(window => `job:dynoai_latency_slow:ratio_rate${window}`)
  ].sort())
})

t.test('a recorded series reads only the window in its name', async t => {
  for (const { record = '', expr } of recorded) {
    const windows = new Set([...expr.matchAll(/\[(\w+)\]/g)].map(([, window]) => window))
    t.strictSame([...windows], [/(?:rate|increase|min)(\d\w+)$/.exec(record)?.[1]], record)
  }
})

t.test('each pair of windows has the limit of its burn rate, and the budget of its objective', async t => {
  const objectives = [
    { name: 'DynoaiAvailabilityBudgetBurn', ratio: 'job:dynoai_availability_errors:ratio_rate', budget: 0.001 },
    { name: 'DynoaiLatencyBudgetBurn', ratio: 'job:dynoai_latency_slow:ratio_rate', budget: 0.01 }
  ]
  const pairs = [
    { long: '1h', short: '5m', rate: 14.4, severity: 'page', seconds: 3600 },
    { long: '6h', short: '30m', rate: 6, severity: 'page', seconds: 21600 },
    { long: '1d', short: '2h', rate: 3, severity: 'ticket', seconds: 86400 },
    { long: '3d', short: '6h', rate: 1, severity: 'ticket', seconds: 259200 }
  ]
  for (const { name, ratio, budget } of objectives) {
    const found = alerts.filter(({ alert }) => alert === name).map(({ labels, expr }) => ({ labels, expr }))
    t.strictSame(found, pairs.map(({ long, short, rate, severity, seconds }) => ({
      labels: { severity, long_window: long, short_window: short },
      expr: `${ratio}${long} > ${rate} * ${budget}\n` +
        `and ${ratio}${short} > ${rate} * ${budget}\n` +
        `and ${ratio}${long} * job:dynoai_requests:rate${long} * ${seconds} >= 10\n`
    })))
  }
})

t.test('every alert is complete, and its templates use labels of its result', async t => {
  t.strictSame(checkAlerts(alerts), [])
})

t.test('reports the faults of an alert', async t => {
  const alert: Alert = {
    alert: 'A',
    expr: 'sum by (job) (up) > 1',
    labels: { severity: 'page' },
    annotations: {
      summary: '{{ $labels.job }}',
      description: '{{ $value | humanize }}',
      runbook_url: `${DEFAULT_RUNBOOK_BASE}#a`
    }
  }
  const { annotations = {} } = alert
  const { description, ...withoutDescription } = annotations
  const usesRuleLabel: Partial<Alert> = {
    labels: { severity: 'page', window: '1h' },
    annotations: { ...annotations, description: '{{ $labels.window }}' }
  }
  t.strictSame(checkAlerts([alert]), [])
  const cases: Array<[string, Partial<Alert>]> = [
    ['A: severity undefined', { labels: {} }],
    ['A: severity critical', { labels: { severity: 'critical' } }],
    ['A: annotations summary,runbook_url', { annotations: withoutDescription }],
    ['A: an empty annotation', { annotations: { ...annotations, description: ' ' } }],
    [
      'A: runbook dashboards/RUNBOOK.md#b',
      { annotations: { ...annotations, runbook_url: 'dashboards/RUNBOOK.md#b' } }
    ],
    ['A window=1h: a template with a label of the rule', usesRuleLabel],
    ['A: a template without job', { annotations: { ...annotations, summary: 'x' } }],
    ['A: a number that is not humanised', { annotations: { ...annotations, description: '{{ $value }}' } }],
    ['A: no job or instance that it is by', { expr: 'sum(up) > 1' }]
  ]
  for (const [fault, change] of cases) t.strictSame(checkAlerts([{ ...alert, ...change }]), [fault])
  t.strictSame(checkAlerts([alert, { ...alert, labels: { severity: 'ticket' } }]), ['A: there are two'])
  t.match(checkAlerts([{ alert: 'B', expr: 'up' }]), ['B: severity undefined', 'B: annotations '])
})

t.test('every expression reads only known series, bounds in both forms, and no upgrades', async t => {
  const known = await readKnownSeries(t)
  for (const { record, alert, expr } of [...recorded, ...alerts]) {
    t.strictSame(checkExpression(expr, known), [], record ?? alert ?? '')
  }
})

t.test('reports the faults of an expression', async t => {
  const requests = 'dynoai_request_duration_seconds'
  const known = new Set(['up', 'a:b', `${requests}_count`, `${requests}_bucket`])
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
  const slow = 'clamp_min(1 - sum by (job) (rate(x{y="z"}[5m])) / (sum by (job) (rate(u[5m])) > 0), 0)'
  t.strictSame(findMetricNames(slow), ['x', 'u'])
})

t.test('every alert has tests in which it fires and stays silent, and every burn-rate alert also resets', async t => {
  t.strictSame(checkRuleTests(alerts, tests), [])
  t.notOk(tests.some(({ name }) => (name ?? '') === ''), 'every test has a name')
})

t.test('reports what the tests of an alert do not cover', async t => {
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
    [
      burn,
      [test(other, silent), test(silent)],
      [`${title}: no test in which it fires`, `${title}: no test in which it resets`]
    ],
    [plain, [test(fires), test(silent)], []],
    [plain, [], ['A: no test in which it fires', 'A: no test in which it stays silent']],
    [
      { alert: 'B', expr: '' },
      [test(silent)],
      ['A: there is no such alert', 'B: no test in which it fires', 'B: no test in which it stays silent']
    ]
  ]
  for (const [alert, tests, faults] of cases) t.strictSame(checkRuleTests([alert], tests), faults)
})

t.test('the runbook has exactly one section for every alert', async t => {
  t.strictSame(checkRunbook(names, runbook), [])
})

t.test('reports the faults of the runbook', async t => {
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

t.test('the series in the runbook exist', async t => {
  const known = await readKnownSeries(t, REFUSALS)
  const families = [...known].map(name => name.replace(/_(?:bucket|count|sum)$/, ''))
  const used = [...runbook.matchAll(/(?<![\w:])(?:job:|dynoai_|nodejs_|process_)[\w:]+/g)].map(([name]) => name)
  t.ok(used.length > 30)
  t.strictSame(used.filter(name => !known.has(name) && !families.includes(name)), [])
})

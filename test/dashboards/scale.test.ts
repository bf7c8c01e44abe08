import t from 'tap'
import { parse } from 'yaml'
import { alertRules } from '../../dashboards/src/rules/alerts.js'
import { formatRules } from '../../dashboards/src/rules/format.js'
import { recordingRules } from '../../dashboards/src/rules/recording.js'
import type { AlertRule, RecordingRule, RuleFile } from '../../dashboards/src/rules/rule.js'
import { listScaled, scaleRules } from '../../dashboards/src/rules/scale.js'

type Rule = AlertRule | RecordingRule

const rulesOf = ({ groups }: RuleFile): Rule[] => groups.flatMap(({ rules }) => [...rules])
const titleOf = (rule: Rule): string =>
  'alert' in rule ? [rule.alert, ...Object.values(rule.labels ?? {})].join(' ') : rule.record

/** Each rule, with its windows and what they become at a sixtieth, and with the numbers that stay. */
const TABLE: ReadonlyArray<readonly [rule: string, windows: string, quantities: string]> = [
  ['job:dynoai_requests:rate5m', '5m 5s', '0'],
  ['job:dynoai_requests:rate1h', '1h 60s', '0'],
  ['job:dynoai_requests:rate6h', '6h 360s', '0'],
  ['job:dynoai_requests:rate1d', '1d 1440s', '0'],
  ['job:dynoai_requests:rate3d', '3d 4320s', '0'],
  ['job:dynoai_availability_errors:ratio_rate5m', '5m 5s', '0'],
  ['job:dynoai_availability_errors:ratio_rate30m', '30m 30s', '0'],
  ['job:dynoai_availability_errors:ratio_rate1h', '1h 60s', '0'],
  ['job:dynoai_availability_errors:ratio_rate2h', '2h 120s', '0'],
  ['job:dynoai_availability_errors:ratio_rate6h', '6h 360s', '0'],
  ['job:dynoai_availability_errors:ratio_rate1d', '1d 1440s', '0'],
  ['job:dynoai_availability_errors:ratio_rate3d', '3d 4320s', '0'],
  ['job:dynoai_latency_slow:ratio_rate5m', '5m 5s', '1, 0, Inf'],
  ['job:dynoai_latency_slow:ratio_rate30m', '30m 30s', '1, 0, Inf'],
  ['job:dynoai_latency_slow:ratio_rate1h', '1h 60s', '1, 0, Inf'],
  ['job:dynoai_latency_slow:ratio_rate2h', '2h 120s', '1, 0, Inf'],
  ['job:dynoai_latency_slow:ratio_rate6h', '6h 360s', '1, 0, Inf'],
  ['job:dynoai_latency_slow:ratio_rate1d', '1d 1440s', '1, 0, Inf'],
  ['job:dynoai_latency_slow:ratio_rate3d', '3d 4320s', '1, 0, Inf'],
  ['instance:dynoai_requests:increase5m', '5m 5s', '0'],
  ['instance:dynoai_requests:increase10m', '10m 10s', '0'],
  ['instance:dynoai_requests_failed:increase10m', '10m 10s', '0'],
  ['instance:dynoai_requests_slow:increase10m', '10m 10s', 'Inf, 1, 0'],
  ['instance:dynoai_requests_stuck:min5m', '5m 5s', '0'],
  ['instance:dynoai_requests_stuck:min15m', '15m 15s', '0'],
  ['DynoaiAvailabilityBudgetBurn 1h 5m', '3600 60', '14.4, 0.001, 10'],
  ['DynoaiAvailabilityBudgetBurn 6h 30m', '21600 360', '6, 0.001, 10'],
  ['DynoaiAvailabilityBudgetBurn 1d 2h', '86400 1440', '3, 0.001, 10'],
  ['DynoaiAvailabilityBudgetBurn 3d 6h', '259200 4320', '1, 0.001, 10'],
  ['DynoaiLatencyBudgetBurn 1h 5m', '3600 60', '14.4, 0.01, 10'],
  ['DynoaiLatencyBudgetBurn 6h 30m', '21600 360', '6, 0.01, 10'],
  ['DynoaiLatencyBudgetBurn 1d 2h', '86400 1440', '3, 0.01, 10'],
  ['DynoaiLatencyBudgetBurn 3d 6h', '259200 4320', '1, 0.01, 10'],
  ['DynoaiSlow', '300 5', '0.5, 10'],
  ['DynoaiRequestsStuck 5m', '', '10, 2'],
  ['DynoaiRequestsStuck 15m', '', '5'],
  ['DynoaiClientErrors', '10m 10s, 1h 60s', '0, 0.9, 100, 24'],
  ['DynoaiInstanceWorse errors', '', '10, 0.02, 0.8, 0.67'],
  ['DynoaiInstanceWorse latency', '', '10, 0.05, 0.8, 0.67'],
  ['DynoaiAbsent', '1d 1440s', ''],
  ['DynoaiDown', '7d 10080s, 1h 60s', '0, 1'],
  ['DynoaiFlapping', '10m 10s', '0.75, 4'],
  ['DynoaiInstanceGone', '7d 10080s, 1h 60s', ''],
  ['DynoaiRestarting 30m', '30m 30s', '2'],
  ['DynoaiRestarting 3h', '3h 180s, 30m 30s', '5'],
  ['DynoaiWorkerStale', '', '0'],
  ['DynoaiEventLoopLagging', '5m 5s', '1, 0, Inf, 0.1'],
  ['DynoaiMemoryGrowing', '1h 60s, 6h 360s, 3h 180s, 3600 60', '67108864, 8'],
  ['DynoaiDescriptorsRunningOut', '', '0, 0.8'],
  ['DynoaiScrapeSlow', '10m 10s', '1'],
  ['DynoaiAnalysesFailing most', '30m 30s', '10, 0.5'],
  ['DynoaiAnalysesFailing all', '1h 60s', '4, 0'],
  ['DynoaiTuningFailing', '1h 60s', '4, 0'],
  ['DynoaiJetstreamFailing polls', '10m 10s', '5, 0.5'],
  ['DynoaiJetstreamFailing runs', '1h 60s', '5, 0.5'],
  ['DynoaiJetstreamStale', '10m 10s, 1d 1440s, 1m 1s', '0'],
  ['DynoaiUploadsFlooding', '15m 15s', '2097152'],
  ['DynoaiMetricsFailing errors', '30m 30s', '0'],
  ['DynoaiMetricsFailing overflow', '30m 30s', '0'],
  ['DynoaiScrapesRefused', '10m 10s', '0, 0.1, 5']
]

t.test('every number of every rule is a window, which is divided, or a quantity, which stays', async t => {
  const found = [recordingRules, alertRules].flatMap(rulesOf).map(rule => {
    const parts = listScaled(rule.expr, 60)
    const list = (texts: readonly string[]): string => [...new Set(texts)].join(', ')
    const isWindow = ({ text, scaled }: (typeof parts)[number]): boolean => text !== scaled
    return [
      titleOf(rule),
      list(parts.filter(isWindow).map(({ text, scaled }) => `${text} ${scaled}`)),
      list(parts.filter(part => !isWindow(part)).map(({ text }) => text))
    ]
  })
  t.strictSame(found, TABLE)
})

const NONE = { severity: 'page', summary: '', description: '' } as const
const fileOf = (...rules: Rule[]): RuleFile => ({ comment: '', groups: [{ name: 'a', interval: '30s', rules }] })

t.test('divides the windows of expressions, for and the interval, and nothing else', async t => {
  const rules = fileOf(
    { record: 'x:rate1h', expr: 'rate(y1m{z="1h"}[1h] offset 5m) * 3600 > 8 * 0.5' },
    { alert: 'A', expr: 'x:rate1h >= 10', for: '2m', ...NONE },
    { alert: 'B', expr: 'avg_over_time(x:rate1h[1h:30s]) > 1', ...NONE }
  )
  t.strictSame(scaleRules(rules, 60), {
    comment: 'All windows are divided by 60. ',
    groups: [{
      name: 'a',
      interval: '500ms',
      rules: [
        { record: 'x:rate1h', expr: 'rate(y1m{z="1h"}[60s] offset 5s) * 60 > 8 * 0.5' },
        { alert: 'A', expr: 'x:rate1h >= 10', for: '2s', ...NONE },
        { alert: 'B', expr: 'avg_over_time(x:rate1h[60s:500ms]) > 1', ...NONE }
      ]
    }]
  })
  t.notOk('interval' in (scaleRules({ comment: '', groups: [{ name: 'a', rules: [] }] }, 60).groups[0] ?? {}))
})

t.test('keeps names, labels and texts of all rules', async t => {
  for (const file of [recordingRules, alertRules]) {
    const scaled = scaleRules(file, 60)
    const withoutTimes = (rules: readonly Rule[]): object[] => rules.map(rule => ({ ...rule, expr: '', for: '' }))
    t.strictSame(withoutTimes(rulesOf(scaled)), withoutTimes(rulesOf(file)))
    t.equal(parse(formatRules(scaled, 'x')).groups.length, file.groups.length, 'it can be written')
  }
})

t.test('rejects what it cannot scale', async t => {
  t.throws(() => scaleRules(fileOf({ record: 'x', expr: 'y > 77' }), 60), {
    message: 'Is 77 a window in seconds, or a quantity? Add it to one of the lists in scale.ts'
  })
  t.throws(() => scaleRules(fileOf({ record: 'x', expr: 'rate(y[7s])' }), 7), {
    message: '30s cannot be divided by 7'
  })
  t.throws(() => scaleRules(fileOf({ record: 'x', expr: 'rate(y[1h30m])' }), 60), {
    message: 'Not a duration with one unit: 1h30m'
  })
})

import t from 'tap'
import { readAlertRules, readRecordingRules } from '../fixtures/rules/read.js'
import { expressionRules, noUpgradesInObjectives } from './lint/expression-rules.js'
import { parse } from './lint/parse.js'

// The rules of Prometheus keep what every expression of a dashboard does.

const lint: Readonly<Record<string, typeof noUpgradesInObjectives>> = { ...expressionRules, noUpgradesInObjectives }

/** What is wrong with an expression, by the rule that says so. */
const broken = (expr: string): string[] => Object.entries(lint).filter(([, rule]) => rule(parse(expr)).length > 0).map(([name]) => name)

/**
 * What an alert may do all the same. DynoaiJetstreamStale asks of a counter whether it has ever left 0, not how high it is: an
 * increase would be 0 for a poller that hangs after the poll it starts with, before the first scrape, and would end the
 * alert after a day without polls.
 */
const EXEMPT: Readonly<Record<string, string[]>> = { DynoaiJetstreamStale: ['noRawCounters'] }

t.test('the rules keep every rule for expressions, but for what is exempt', async t => {
  for (const { record = '', expr } of readRecordingRules()) t.strictSame(broken(expr), [], record)
  for (const { alert, expr } of readAlertRules()) t.strictSame(broken(expr), EXEMPT[alert] ?? [], alert)
})

t.test('what breaks a rule is caught', async t => {
  const rules = [...readRecordingRules(), ...readAlertRules()]
  const cases: ReadonlyArray<readonly [what: string, name: string, part: string, by: string, faults: string[]]> = [
    ['no PromQL', 'DynoaiDown', 'up == 0', 'up == ', ['isPromql', 'knownSeries']],
    ['a misspelt metric', 'DynoaiScrapeSlow', 'scrape_duration', 'scrap_duration', ['knownSeries']],
    ['a label that nothing has', 'DynoaiAnalysesFailing', 'by (job, source)', 'by (job, sauce)', ['knownLabels']],
    ['a value that never is', 'DynoaiAnalysesFailing', '"error"', '"failed"', ['knownValues']],
    ['a counter itself', 'DynoaiUploadsFlooding', 'rate(dynoai_file_upload_bytes_sum[15m])', 'dynoai_file_upload_bytes_sum', ['noRawCounters']],
    ['a rate of a gauge', 'DynoaiMemoryGrowing', 'min_over_time(', 'rate(', ['noRatesOfGauges']],
    ['a bound in one form', 'job:dynoai_latency_slow:ratio_rate5m', 'le=~"1([.]0)?"', 'le="1"', ['boundsInBothForms']],
    ['upgrades', 'job:dynoai_latency_slow:ratio_rate5m', 'status!~"101|1xx"', 'status!~"101"', ['noUpgradesInLatency', 'noUpgradesInObjectives']],
    ['requests with upgrades', 'job:dynoai_requests:rate5m', '{status!~"101|1xx"}', '', ['noUpgradesInObjectives']],
    ['a division by 0', 'DynoaiDescriptorsRunningOut', ' > 0)', ')', ['noDivisionByZero']]
  ]
  for (const [what, wanted, part, by, faults] of cases) {
    const { expr = '' } = rules.find(({ record, alert }) => wanted === (record ?? alert)) ?? {}
    t.ok(expr.includes(part), `${wanted} has ${part}`)
    t.strictSame(broken(expr.replace(part, by)), faults, what)
  }
})

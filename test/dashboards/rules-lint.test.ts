import t from 'tap'
import { readAlertRules, readRecordingRules } from '../fixtures/rules/read.js'
import { expressionRules, noUpgradesInObjectives } from './lint/expression-rules.js'
import { parse } from './lint/parse.js'

// The rules of Prometheus comply with the same rules as the expressions of dashboards.

const lint: Readonly<Record<string, typeof noUpgradesInObjectives>> = { ...expressionRules, noUpgradesInObjectives }

/** Returns the names of the rules that an expression breaks. */
const brokenRules = (expr: string): string[] =>
  Object.entries(lint).filter(([, rule]) => rule(parse(expr)).length > 0).map(([name]) => name)

/**
 * Rules that an alert may break. DynoaiJetstreamStale needs to know whether the counter of polls was ever above 0. An
 * increase would be 0 for a poller that hangs after its first poll, before the first scrape. It would also end the
 * alert after a day without polls. The highest count of a native histogram needs a subquery, and its selector has no
 * range that could equal that of the classic form.
 */
const EXEMPT: Readonly<Record<string, string[]>> = {
  DynoaiJetstreamStale: ['noRawCounters', 'histogramsInBothForms']
}

t.test('the rules of Prometheus comply with every rule for expressions, except for the exemptions', async t => {
  for (const { record = '', expr } of readRecordingRules()) t.strictSame(brokenRules(expr), [], record)
  for (const { alert, expr } of readAlertRules()) t.strictSame(brokenRules(expr), EXEMPT[alert] ?? [], alert)
})

interface Case {
  readonly fault: string
  /** Name of the alert or recorded series. */
  readonly name: string
  readonly part: string
  readonly by: string
  readonly broken: string[]
}

t.test('reports the broken rules of an expression', async t => {
  const rules = [...readRecordingRules(), ...readAlertRules()]
  const uploads = 'dynoai_file_upload_bytes_sum'
  const slow = 'job:dynoai_latency_slow:ratio_rate5m'
  const cases: readonly Case[] = [
    {
      fault: 'no PromQL',
      name: 'DynoaiWorkerStale',
      part: ' > 0',
      by: ' > ',
      broken: ['isPromql']
    },
    {
      fault: 'a misspelt metric',
      name: 'DynoaiScrapeSlow',
      part: 'scrape_duration',
      by: 'scrap_duration',
      broken: ['knownSeries']
    },
    {
      fault: 'a label that no series has',
      name: 'DynoaiAnalysesFailing',
      part: 'by (job, source)',
      by: 'by (job, sauce)',
      broken: ['knownLabels']
    },
    {
      fault: 'an impossible value',
      name: 'DynoaiAnalysesFailing',
      part: '"error"',
      by: '"failed"',
      broken: ['knownValues']
    },
    {
      fault: 'a counter without a rate',
      name: 'DynoaiUploadsFlooding',
      part: `rate(${uploads}[15m])`,
      by: uploads,
      broken: ['noRawCounters', 'histogramsInBothForms']
    },
    {
      fault: 'a native histogram as a number',
      name: slow,
      part: 'histogram_fraction(-Inf, 1, sum by (job) (',
      by: 'abs(max by (job) (',
      broken: ['histogramFunctions']
    },
    {
      fault: 'a rate of a gauge',
      name: 'DynoaiMemoryGrowing',
      part: 'min_over_time(',
      by: 'rate(',
      broken: ['noRatesOfGauges']
    },
    {
      fault: 'a bound in only one form',
      name: slow,
      part: 'le=~"1([.]0)?"',
      by: 'le="1"',
      broken: ['boundsInBothForms']
    },
    {
      fault: 'a latency with upgrades',
      name: slow,
      part: 'status!~"101|1xx"',
      by: 'status!~"101"',
      broken: ['noUpgradesInLatency', 'histogramsInBothForms', 'noUpgradesInObjectives']
    },
    {
      fault: 'requests with upgrades',
      name: 'job:dynoai_requests:rate5m',
      part: '{status!~"101|1xx"}',
      by: '',
      broken: ['noUpgradesInObjectives']
    },
    {
      fault: 'a division by 0',
      name: 'DynoaiDescriptorsRunningOut',
      part: ' > 0)',
      by: ')',
      broken: ['noDivisionByZero']
    }
  ]
  for (const { fault, name, part, by, broken } of cases) {
    const { expr = '' } = rules.find(({ record, alert }) => name === (record ?? alert)) ?? {}
    t.ok(expr.includes(part), `${name} has ${part}`)
    t.strictSame(brokenRules(expr.replace(part, by)), broken, fault)
  }
})

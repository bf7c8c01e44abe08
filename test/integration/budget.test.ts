import t from 'tap'
import { stringify } from 'yaml'
import { AVAILABILITY, LATENCY } from '../../dashboards/src/objectives.js'
import { budgetLeft } from '../../dashboards/src/requests.js'
import { budgetLeftOverTime } from '../../dashboards/src/slo/budget-over-time.js'
import { substitute } from '../fixtures/dashboards/expressions.js'
import { runPromtool } from '../fixtures/integration/promtool.js'
import { root } from '../fixtures/root.js'

// promtool evaluates over days of samples, which is slow on a busy machine.
t.setTimeout(300_000)

const TIMES = { __rate_interval: '5m', __interval: '5m', __range: '1h' }
const ofAllJobs = (expr: string): string => substitute(expr, { job: [], instance: [] }, TIMES)

// promtool allows 10,000 samples in a query, so the window is a day here.
const LINE = ofAllJobs(budgetLeftOverTime(AVAILABILITY)).replaceAll('[30d', '[1d')
const RATIO = 'job:dynoai_availability_errors:ratio_rate5m{job="dynoai"}'
const REQUESTS = 'job:dynoai_requests:rate5m{job="dynoai"}'
const TOTAL = 'dynoai_requests_total{job="dynoai",instance="a",status="200"}'

/** Recorded values every 5 minutes, or every minute, and the budget that is left after them. */
interface BudgetCase {
  readonly name: string
  readonly interval: '5m' | '1m'
  readonly ratio: string
  readonly requests: string
  /** The counter of all requests. */
  readonly total: string
  readonly at: string
  readonly left: number | undefined
}

// A day has 288 values that are 5 minutes apart. `0x9` would be a hexadecimal number. Prometheus 2 includes the start
// of a window, Prometheus 3 does not, so no window starts at a value.
const CASES: readonly BudgetCase[] = [
  {
    name: 'no requests',
    interval: '5m',
    ratio: '0+0x287',
    requests: '0+0x287',
    total: '0+0x287',
    at: '1435m',
    left: 1
  },
  {
    name: 'half of the budget',
    interval: '5m',
    ratio: '0.0005x287',
    requests: '2x287',
    total: '600+600x287',
    at: '1435m',
    left: 0.5
  },
  {
    name: 'a busy time, which counts more than a quiet one',
    interval: '5m',
    ratio: '0.01x143 0+0x143',
    requests: '1x143 9x143',
    total: '300+300x143 45900+2700x143',
    at: '1435m',
    left: 0
  },
  {
    name: 'an overspent budget',
    interval: '5m',
    ratio: '0.003x287',
    requests: '1x287',
    total: '300+300x287',
    at: '1435m',
    left: -2
  },
  {
    name: 'rules that are younger than the counters',
    interval: '5m',
    ratio: '_x215 0.144 0x71',
    requests: '_x215 1x72',
    total: '300+300x287',
    at: '1435m',
    left: 0.5
  },
  {
    name: 'an incident in the window',
    interval: '5m',
    ratio: '0+0x143 0.288 0+0x286',
    requests: '1x431',
    total: '300+300x431',
    at: '2157m',
    left: 0
  },
  {
    name: 'an incident before the window',
    interval: '5m',
    ratio: '0+0x143 0.288 0+0x287',
    requests: '1x432',
    total: '300+300x432',
    at: '2162m',
    left: 1
  },
  {
    name: 'two minutes of history',
    interval: '1m',
    ratio: '_ 0.00025x3',
    requests: '_ 1x3',
    total: '0 300x3',
    at: '2m',
    left: 0.75
  },
  { name: 'no rules', interval: '5m', ratio: '_', requests: '_', total: '0+300x20', at: '1h', left: undefined }
]

t.test('the budget over time is what the recorded bad requests in the window leave', async t => {
  const tests = CASES.map(({ name, interval, ratio, requests, total, at, left }) => ({
    name,
    interval,
    input_series: [
      { series: RATIO, values: ratio },
      { series: REQUESTS, values: requests },
      { series: TOTAL, values: total }
    ],
    promql_expr_test: [{
      // Exact in each version of promtool.
      expr: `round(${LINE}, 0.001)`,
      eval_time: at,
      exp_samples: left === undefined ? [] : [{ labels: '{job="dynoai"}', value: left }]
    }]
  }))
  const dir = t.testdir({ 'budget.yml': stringify({ evaluation_interval: '1m', tests }) })
  t.equal(await runPromtool('test', 'rules', `${dir}/budget.yml`), '')
})

t.test('the line ends where the counters say', async t => {
  const by = 'job="dynoai",instance="a"'
  const durations = 'dynoai_request_duration_seconds'
  const route = `${by},method="GET",path="/",status`
  const job = ['job']
  // A day of 60 requests a minute, of which 12 hours have 6 more that fail and are slow, then a day of 600.
  const ok = '0+60x1440 86400+600x1440'
  const bad = '0+0x720 0+6x720 4320+0x1440'
  const series = Object.entries({
    [`dynoai_exporter_info{${by}}`]: '1x2881',
    [`dynoai_requests_in_flight{${by}}`]: '0x2881',
    [`dynoai_requests_total{${by},method="GET",status="200"}`]: ok,
    [`dynoai_requests_total{${by},method="GET",status="500"}`]: bad,
    [`${durations}_count{${route}="200"}`]: ok,
    [`${durations}_count{${route}="500"}`]: bad,
    [`${durations}_bucket{${route}="200",le="1"}`]: ok,
    [`${durations}_bucket{${route}="500",le="1"}`]: '0x2881'
  }).map(([series, values]) => ({ series, values }))
  const tests = [{
    interval: '1m',
    input_series: series,
    promql_expr_test: [AVAILABILITY, LATENCY].map(objective => ({
      expr: ofAllJobs(`abs((${budgetLeftOverTime(objective)}) / (${budgetLeft(objective, job)}) - 1) < bool 0.01`),
      eval_time: '2d',
      exp_samples: [{ labels: '{job="dynoai"}', value: 1 }]
    }))
  }]
  const rules = new URL('dashboards/rules/recording.yml', root).pathname
  const dir = t.testdir({ 'both.yml': stringify({ rule_files: [rules], evaluation_interval: '5m', tests }) })
  t.equal(await runPromtool('test', 'rules', `${dir}/both.yml`), '')
})

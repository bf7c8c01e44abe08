import t from 'tap'
import {
  atMost, difference, doesNotMatch, equals, filterInstances, increase, matches, orZero, quantile, rate, ratio, select,
  sum
} from '../../dashboards/src/promql.js'

const CHOSEN = 'job=~"$job",instance=~"$instance"'
const BUCKETS = 'dynoai_request_duration_seconds_bucket'

t.test('builds expressions', async t => {
  const cases: ReadonlyArray<[actual: string, expected: string]> = [
    [select('dynoai_active_sessions'), `dynoai_active_sessions{${CHOSEN}}`],
    [select('dynoai_analysis_total', { status: equals('error') }), `dynoai_analysis_total{${CHOSEN},status="error"}`],
    [
      select('dynoai_requests_total', { status: doesNotMatch('5..') }),
      `dynoai_requests_total{${CHOSEN},status!~"5.."}`
    ],
    [select('job:dynoai_requests:rate5m'), 'job:dynoai_requests:rate5m{job=~"$job"}'],
    [rate('dynoai_requests_total'), `rate(dynoai_requests_total{${CHOSEN}}[$__rate_interval])`],
    [
      increase('dynoai_requests_total', { method: matches('GET|HEAD') }, '30d'),
      `increase(dynoai_requests_total{${CHOSEN},method=~"GET|HEAD"}[30d])`
    ],
    [select(BUCKETS, { le: atMost(1) }), `${BUCKETS}{${CHOSEN},le=~"1([.]0)?"}`],
    [select(BUCKETS, { le: atMost(0.25) }), `${BUCKETS}{${CHOSEN},le="0.25"}`],
    [sum('a'), 'sum(a)'],
    [sum('a', ['job', 'path']), 'sum by (job, path) (a)'],
    [difference('a', 'b'), 'clamp_min(a - b, 0)'],
    [ratio('a', 'b'), '(a / (b > 0) or b * 0)'],
    [quantile(0.99, 'a'), '(histogram_quantile(0.99, a) >= 0)'],
    [orZero('a', ['job']), `(a or sum by (job) (dynoai_requests_in_flight{${CHOSEN}}) * 0)`],
    [filterInstances('a'), `(a and on (job, instance) dynoai_exporter_info{${CHOSEN}})`]
  ]
  for (const [actual, expected] of cases) t.equal(actual, expected)
})

t.test('throws for a series, label, value or bound that lib does not have, and for a rate of a gauge', async t => {
  const requests = 'dynoai_request_duration_seconds'
  const cases: ReadonlyArray<[build: () => string, message: string]> = [
    [() => select('dynoai_analyses_total'), 'No metric has the series dynoai_analyses_total'],
    [() => select('dynoai_analysis_total', { state: equals('error') }), 'dynoai_analysis_total has no label state'],
    [
      () => select('dynoai_analysis_total', { status: equals('failed') }),
      'status of dynoai_analysis_total cannot be failed'
    ],
    [() => select('dynoai_analysis_total', { toString: equals('x') }), 'dynoai_analysis_total has no label toString'],
    [() => select(`${requests}_bucket`, { le: atMost(2) }), `${requests} has no bound 2([.]0)?`],
    [() => select(`${requests}_count`, { le: atMost(1) }), `${requests} has no label le`],
    [() => rate('dynoai_active_sessions'), 'dynoai_active_sessions is not a counter'],
    [() => increase('up', {}, '1h'), 'up is not a counter']
  ]
  for (const [build, message] of cases) t.throws(build, { message })
})

import t from 'tap'
import { atMost, increase, is, like, measured, orZero, quantile, rate, ratio, select, sum, unlike } from '../../dashboards/src/promql.js'

const CHOSEN = 'job=~"$job",instance=~"$instance"'

t.test('expressions are put together', async t => {
  const cases: ReadonlyArray<[made: string, expected: string]> = [
    [select('dynoai_active_sessions'), `dynoai_active_sessions{${CHOSEN}}`],
    [select('dynoai_analysis_total', { status: is('error') }), `dynoai_analysis_total{${CHOSEN},status="error"}`],
    [select('dynoai_requests_total', { status: unlike('5..') }), `dynoai_requests_total{${CHOSEN},status!~"5.."}`],
    [select('job:dynoai_requests:rate5m'), 'job:dynoai_requests:rate5m{job=~"$job"}'],
    [rate('dynoai_requests_total'), `rate(dynoai_requests_total{${CHOSEN}}[$__rate_interval])`],
    [increase('dynoai_requests_total', { method: like('GET|HEAD') }, '30d'), `increase(dynoai_requests_total{${CHOSEN},method=~"GET|HEAD"}[30d])`],
    [select('dynoai_request_duration_seconds_bucket', { le: atMost(1) }), `dynoai_request_duration_seconds_bucket{${CHOSEN},le=~"1([.]0)?"}`],
    [select('dynoai_request_duration_seconds_bucket', { le: atMost(0.25) }), `dynoai_request_duration_seconds_bucket{${CHOSEN},le="0.25"}`],
    [sum('a'), 'sum(a)'],
    [sum('a', ['job', 'path']), 'sum by (job, path) (a)'],
    [ratio('a', 'b'), '(a / (b > 0) or b * 0)'],
    [quantile(0.99, 'a'), '(histogram_quantile(0.99, a) >= 0)'],
    [orZero('a', ['job']), `(a or sum by (job) (dynoai_requests_in_flight{${CHOSEN}}) * 0)`],
    [measured('a'), `(a and on (job, instance) dynoai_exporter_info{${CHOSEN}})`]
  ]
  for (const [made, expected] of cases) t.equal(made, expected)
})

t.test('what lib does not have ends the build', async t => {
  const cases: ReadonlyArray<[make: () => string, message: string]> = [
    [() => select('dynoai_analyses_total'), 'No metric has the series dynoai_analyses_total'],
    [() => select('dynoai_analysis_total', { state: is('error') }), 'dynoai_analysis_total has no label state'],
    [() => select('dynoai_analysis_total', { status: is('failed') }), 'status of dynoai_analysis_total is never failed'],
    [() => select('dynoai_analysis_total', { toString: is('x') }), 'dynoai_analysis_total has no label toString'],
    [() => select('dynoai_request_duration_seconds_bucket', { le: atMost(2) }), 'dynoai_request_duration_seconds has no bound 2([.]0)?'],
    [() => select('dynoai_request_duration_seconds_count', { le: atMost(1) }), 'dynoai_request_duration_seconds has no label le'],
    [() => rate('dynoai_active_sessions'), 'dynoai_active_sessions is no counter'],
    [() => increase('up', {}, '1h'), 'up is no counter']
  ]
  for (const [make, message] of cases) t.throws(make, { message })
})

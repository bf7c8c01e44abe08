import t from 'tap'
import {
  atMost, bucketRates, difference, doesNotMatch, equals, filterInstances, increase, matches, mean, orNone, orZero,
  quantile, rate, rateOrZero, ratio, select, sum
} from '../../dashboards/src/promql.js'

const CHOSEN = 'job=~"$job",instance=~"$instance"'
const REQUESTS = 'dynoai_request_duration_seconds'
const BUCKETS = `${REQUESTS}_bucket`

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
    [
      rate(`${REQUESTS}_count`),
      `(rate(${REQUESTS}_count{${CHOSEN}}[$__rate_interval]) or ` +
        `histogram_count(rate(${REQUESTS}{${CHOSEN}}[$__rate_interval])))`
    ],
    [
      increase(`${REQUESTS}_bucket`, { status: matches('2..'), le: atMost(1) }, '1h'),
      `(increase(${REQUESTS}_bucket{${CHOSEN},status=~"2..",le=~"1([.]0)?"}[1h]) or ignoring (le) ` +
        `(histogram_fraction(-Inf, 1, increase(${REQUESTS}{${CHOSEN},status=~"2.."}[1h])) * ` +
        `histogram_count(increase(${REQUESTS}{${CHOSEN},status=~"2.."}[1h])) >= 0))`
    ],
    [
      quantile(0.99, { histogram: REQUESTS, range: '5m', by: ['path'] }),
      `(histogram_quantile(0.99, sum by (path, le) (rate(${REQUESTS}_bucket{${CHOSEN}}[5m]))) >= 0 or ` +
        `histogram_quantile(0.99, sum by (path) (rate(${REQUESTS}{${CHOSEN}}[5m]))) >= 0)`
    ],
    [
      bucketRates({ histogram: REQUESTS, range: '5m' }, 60),
      `sum by (le) (rate(${REQUESTS}_bucket{${CHOSEN}}[5m])) * 60 or on () sum(rate(${REQUESTS}{${CHOSEN}}[5m])) * 60`
    ],
    [
      mean({ histogram: REQUESTS, range: '5m', by: ['path'] }),
      `(sum by (path) ((rate(${REQUESTS}_sum{${CHOSEN}}[5m]) or ` +
        `clamp_min(histogram_sum(rate(${REQUESTS}{${CHOSEN}}[5m])), 0))) / ` +
        `(sum by (path) ((rate(${REQUESTS}_count{${CHOSEN}}[5m]) or ` +
        `histogram_count(rate(${REQUESTS}{${CHOSEN}}[5m])))) > 0))`
    ],
    [
      rateOrZero('dynoai_requests_total', { status: matches('5..') }, ['method']),
      `(sum by (method) (rate(dynoai_requests_total{${CHOSEN},status=~"5.."}[$__rate_interval])) or ` +
        `sum by (method) (increase(dynoai_requests_total{${CHOSEN},status=~"5.."}[$__range] @ end())) * 0 ` +
        `and on () sum(dynoai_requests_in_flight{${CHOSEN}}))`
    ],
    [orNone('a', 'path', 'b'), 'a or on () label_replace(sum(b) * 0, "path", "none", "", "")'],
    [orZero('a', ['job']), `(a or sum by (job) (dynoai_requests_in_flight{${CHOSEN}}) * 0)`],
    [filterInstances('a'), `(a and on (job, instance) dynoai_exporter_info{${CHOSEN}})`]
  ]
  for (const [actual, expected] of cases) t.equal(actual, expected)
})

t.test('throws for a series, label, value or bound that lib does not have, and for a rate of a gauge', async t => {
  const cases: ReadonlyArray<[build: () => string, message: string]> = [
    [() => select('dynoai_analyses_total'), 'No metric has the series dynoai_analyses_total'],
    [() => select('dynoai_analysis_total', { state: equals('error') }), 'dynoai_analysis_total has no label state'],
    [
      () => select('dynoai_analysis_total', { status: equals('failed') }),
      'status of dynoai_analysis_total cannot be failed'
    ],
    [() => select('dynoai_analysis_total', { toString: equals('x') }), 'dynoai_analysis_total has no label toString'],
    [() => select(`${REQUESTS}_bucket`, { le: atMost(2) }), `${REQUESTS} has no bound 2([.]0)?`],
    [() => select(`${REQUESTS}_count`, { le: atMost(1) }), `${REQUESTS} has no label le`],
    [() => rate('dynoai_active_sessions'), 'dynoai_active_sessions is not a counter'],
    [() => increase('up', {}, '1h'), 'up is not a counter']
  ]
  for (const [build, message] of cases) t.throws(build, { message })
})

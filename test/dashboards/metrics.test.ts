import t from 'tap'
import { isCounter, knownMetrics, metricOf } from '../../dashboards/src/metrics.js'

t.test('finds the metric of a series', async t => {
  const cases: ReadonlyArray<[series: string, metric: string, isCounter: boolean]> = [
    ['dynoai_requests_in_flight', 'dynoai_requests_in_flight', false],
    ['dynoai_active_analyses', 'dynoai_active_analyses', false],
    ['dynoai_requests_total', 'dynoai_requests_total', true],
    ['dynoai_request_duration_seconds_bucket', 'dynoai_request_duration_seconds', true],
    ['dynoai_file_upload_bytes_sum', 'dynoai_file_upload_bytes', true],
    // The name of this histogram ends like the name of a histogram series.
    ['dynoai_ve_corrections_count_count', 'dynoai_ve_corrections_count', true],
    // A native histogram.
    ['dynoai_ve_corrections_count', 'dynoai_ve_corrections_count', true],
    ['nodejs_gc_duration_seconds_sum', 'nodejs_gc_duration_seconds', true],
    // A gauge with the suffix of a counter.
    ['nodejs_active_handles_total', 'nodejs_active_handles_total', false],
    ['up', 'up', false],
    ['job:dynoai_requests:rate5m', 'job:dynoai_requests:rate5m', false]
  ]
  for (const [series, metric, expected] of cases) {
    t.equal(metricOf(series).name, metric, series)
    t.equal(isCounter(series), expected, series)
  }
})

t.test('rejects a series that no metric has', async t => {
  const unknown = [
    'dynoai_requests_in_fligth', 'dynoai_request_duration_seconds_total', 'dynoai_requests_in_flight_count',
    'up_bucket', 'job:dynoai_requests:rate2m'
  ]
  for (const series of unknown) {
    t.throws(() => metricOf(series), { message: `No metric has the series ${series}` }, series)
  }
})

t.test('reads labels, their values and bounds from lib', async t => {
  const find = (name: string) => knownMetrics.get(name)
  t.match(find('dynoai_request_duration_seconds'), { labels: { method: [], path: [], status: [] }, buckets: [0.005] })
  t.match(find('dynoai_analysis_total')?.labels, {
    status: ['success', 'error'],
    source: ['upload', 'jetstream', 'simulator']
  })
  t.match(find('dynoai_ve_corrections_magnitude_percent')?.buckets, [0.5, 1, 2, 5, 7, 10, 15])
  t.match(find('nodejs_heap_space_size_used_bytes')?.labels, { space: [] })
  t.match(find('dynoai_metrics_scrapes_total'), { type: 'counter', labels: { status: [] } })
  t.match(find('dynoai_log_refusals_total'), { type: 'counter', labels: { source: ['upload'], reason: ['extension'] } })
  t.match(find('dynoai_jetstream_open_runs'), { type: 'gauge', labels: { state: ['pending'] } })
  t.match(find('dynoai_metrics_scrape_duration_seconds'), { type: 'histogram', labels: {} })
})

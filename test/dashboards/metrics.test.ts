import t from 'tap'
import { isCounter, knownMetrics, metricOf } from '../../dashboards/src/metrics.js'

t.test('a series belongs to the metric that has it', async t => {
  const cases: ReadonlyArray<[series: string, metric: string, isCounter: boolean]> = [
    ['dynoai_requests_in_flight', 'dynoai_requests_in_flight', false],
    ['dynoai_active_analyses', 'dynoai_active_analyses', false],
    ['dynoai_requests_total', 'dynoai_requests_total', true],
    ['dynoai_request_duration_seconds_bucket', 'dynoai_request_duration_seconds', true],
    ['dynoai_file_upload_bytes_sum', 'dynoai_file_upload_bytes', true],
    // A histogram whose own name ends like a series of one.
    ['dynoai_ve_corrections_count_count', 'dynoai_ve_corrections_count', true],
    ['nodejs_gc_duration_seconds_sum', 'nodejs_gc_duration_seconds', true],
    // Called like a counter, but none.
    ['nodejs_active_handles_total', 'nodejs_active_handles_total', false],
    ['up', 'up', false],
    ['job:dynoai_requests:rate5m', 'job:dynoai_requests:rate5m', false]
  ]
  for (const [series, metric, grows] of cases) {
    t.equal(metricOf(series).name, metric, series)
    t.equal(isCounter(series), grows, series)
  }
})

t.test('a series that no metric has is refused', async t => {
  for (const series of ['dynoai_requests_in_fligth', 'dynoai_request_duration_seconds', 'dynoai_ve_corrections_count', 'dynoai_requests_in_flight_count', 'up_bucket', 'job:dynoai_requests:rate2m']) {
    t.throws(() => metricOf(series), { message: `No metric has the series ${series}` }, series)
  }
})

t.test('labels, their values and bounds are those of lib', async t => {
  t.match(knownMetrics.get('dynoai_request_duration_seconds'), { labels: { method: [], path: [], status: [] }, buckets: [0.005] })
  t.match(knownMetrics.get('dynoai_analysis_total')?.labels, { status: ['success', 'error'], source: ['upload', 'jetstream', 'simulator'] })
  t.match(knownMetrics.get('dynoai_ve_corrections_magnitude_percent')?.buckets, [0.5, 1, 2, 5, 7, 10, 15])
  t.match(knownMetrics.get('nodejs_heap_space_size_used_bytes')?.labels, { space: [] })
  t.match(knownMetrics.get('dynoai_metrics_scrapes_total'), { type: 'counter', labels: { status: [] } })
  t.match(knownMetrics.get('dynoai_metrics_scrape_duration_seconds'), { type: 'histogram', labels: {} })
})

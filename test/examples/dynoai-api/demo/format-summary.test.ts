import t from 'tap'
import { parseExposition } from '../../../../examples/dynoai-api/demo/exposition.js'
import { formatSummary } from '../../../../examples/dynoai-api/demo/format-summary.js'

t.test('formats the rate between two scrapes and totals in one line', async t => {
  const before = parseExposition([
    'dynoai_request_duration_seconds_count{path="/a"} 10',
    'dynoai_request_duration_seconds_sum{path="/a"} 1'
  ].join('\n'))
  const after = parseExposition([
    'dynoai_request_duration_seconds_count{path="/a"} 20',
    'dynoai_request_duration_seconds_count{path="/b"} 5',
    'dynoai_request_duration_seconds_sum{path="/a"} 1.1',
    'dynoai_request_duration_seconds_sum{path="/b"} 0.05',
    'dynoai_analysis_total{status="success",source="upload"} 2',
    'dynoai_analysis_total{status="success",source="jetstream"} 3',
    'dynoai_analysis_total{status="error",source="upload"} 4',
    'dynoai_active_analyses 6',
    'dynoai_ve_corrections_count_sum 77',
    'dynoai_file_upload_bytes_sum 1250000',
    'dynoai_jetstream_poll_duration_seconds_count{status="success"} 6',
    'dynoai_jetstream_poll_duration_seconds_count{status="error"} 7',
    'dynoai_jetstream_runs_total{status="complete"} 8',
    'dynoai_virtual_tuning_sessions_total{status="running"} 9',
    'dynoai_virtual_tuning_sessions_total{status="converged"} 5',
    'dynoai_active_sessions 3'
  ].join('\n'))

  t.equal(formatSummary({ before, after, seconds: 2 }), '7.5 requests/s, mean 10.0 ms | ' +
    'analyses 5 ok, 4 failed, 6 active | corrections 77 | uploads 1.3 MB | ' +
    'Jetstream polls 6 ok, 7 failed | runs complete 8 | sessions 9, open 3')
})

t.test('formats zeros before the first request', async t => {
  t.equal(formatSummary({ before: [], after: [], seconds: 1 }), '0.0 requests/s, mean 0.0 ms | ' +
    'analyses 0 ok, 0 failed, 0 active | corrections 0 | uploads 0.0 MB | ' +
    'Jetstream polls 0 ok, 0 failed | runs complete 0 | sessions 0, open 0')
})

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AVAILABILITY, LATENCY, requestRateSeries } from '../../src/objectives.js'
import { findTool } from '../../../test/fixtures/integration/tools.js'

const DAY_SECONDS = 86_400
const DAYS = 31
/** The interval between two samples. The longer windows of the rules contain several of them. */
const STEP_SECONDS = 300
/** Of each instance, at noon. */
const REQUESTS_PER_SECOND = 0.5

interface Requests {
  readonly method: string
  readonly path: string
  readonly status: number
  /** Share of all requests. */
  readonly share: number
  /** Share of these that take longer than a second. */
  readonly slow: number
}

/** A few 5xx and a few slow requests: some of both budgets is spent before the incident. */
const REQUESTS: readonly Requests[] = [
  { method: 'GET', path: '/api/status/:runId', status: 200, share: 0.7, slow: 0.001 },
  { method: 'POST', path: '/api/analyze', status: 202, share: 0.1997, slow: 0.01 },
  { method: 'POST', path: '/api/analyze', status: 500, share: 0.0003, slow: 0 },
  { method: 'POST', path: '/api/virtual-tune/start', status: 200, share: 0.1, slow: 0.002 }
]

/**
 * Writes a month of counts before the run into the storage of a Prometheus that is not yet started. A run of minutes
 * has no 30 days, and without them a single error would use more than the budget.
 */
export function writeHistory (storage: string, instances: readonly string[], endMs: number): void {
  const end = Math.floor(endMs / 1000 / STEP_SECONDS) * STEP_SECONDS
  const times = Array.from({ length: DAYS * DAY_SECONDS / STEP_SECONDS }, (_, i) => end - i * STEP_SECONDS).reverse()
  // The sum of a rate that follows the time of day.
  let total = 0
  const totals = times.map(time => {
    total += STEP_SECONDS * REQUESTS_PER_SECOND * activity(time)
    return total
  })

  const samples = (name: string, labels: string, share: number): string => totals
    .map((total, i) => `${name}{job="dynoai",${labels}} ${Math.floor(total * share)} ${times[i]}\n`).join('')
  const forAll = (write: (requests: Requests, labels: string) => string): string => instances
    .flatMap(instance => REQUESTS.map(requests => {
      const { method, status } = requests
      return write(requests, `instance="${instance}",method="${method}",status="${status}"`)
    })).join('')
  const text = '# TYPE dynoai_requests counter\n' +
    // The methods and statuses of the list are unique, so its routes need not be summed.
    forAll(({ share }, labels) => samples('dynoai_requests_total', labels, share)) +
    '# TYPE dynoai_request_duration_seconds histogram\n' +
    forAll(({ path, share, slow }, labels) => {
      const series = (le: string, part: number) =>
        samples('dynoai_request_duration_seconds_bucket', `${labels},path="${path}",le="${le}"`, part)
      return series('1.0', share * (1 - slow)) + series('+Inf', share) +
        samples('dynoai_request_duration_seconds_count', `${labels},path="${path}"`, share)
    }) + recordedHistory(times, instances.length) + '# EOF\n'

  const file = join(storage, 'history.txt')
  writeFileSync(file, text)
  // Without this limit, promtool reads the file once for every two hours.
  execFileSync(findTool('promtool'), [
    'tsdb', 'create-blocks-from', 'openmetrics', '--quiet', `--max-block-duration=${24 * DAYS}h`, file, storage
  ])
  rmSync(file)
}

/** What the recording rules would have recorded of this. The budget over time is computed from these series. */
function recordedHistory (times: readonly number[], instanceCount: number): string {
  const shareOf = (bad: (requests: Requests) => number) => REQUESTS.reduce((sum, requests) => sum + bad(requests), 0)
  const failed = shareOf(({ status, share }) => status >= 500 ? share : 0)
  const slow = shareOf(({ share, slow }) => share * slow)
  const gauge = (name: string, valueAt: (time: number) => number) => `# TYPE ${name} gauge\n` +
    times.map(time => `${name}{job="dynoai"} ${valueAt(time)} ${time}\n`).join('')
  return gauge(requestRateSeries('5m'), time => instanceCount * REQUESTS_PER_SECOND * activity(time)) +
    gauge(AVAILABILITY.recordedSeries('5m'), () => failed) +
    gauge(LATENCY.recordedSeries('5m'), () => slow)
}

/** From 0.1 at night to 1 by day. */
const activity = (time: number): number => 0.55 - 0.45 * Math.cos(2 * Math.PI * time / DAY_SECONDS)

import { sum, type Sample } from './exposition.js'

const PREFIX = 'dynoai_'

/** Two scrapes of the same service. */
export interface Scrapes {
  readonly before: readonly Sample[]
  readonly after: readonly Sample[]
  /** Time between the scrapes. */
  readonly seconds: number
}

/** Formats one line with the rate of requests between two scrapes and with totals since the start of the service. */
export function formatSummary ({ before, after, seconds }: Scrapes): string {
  const total = (name: string, labels?: Record<string, string>) => sum(after, PREFIX + name, labels)
  const increase = (name: string) => total(name) - sum(before, PREFIX + name)
  const requests = increase('request_duration_seconds_count')
  const mean = requests === 0 ? 0 : 1000 * increase('request_duration_seconds_sum') / requests
  return [
    `${(requests / seconds).toFixed(1)} requests/s, mean ${mean.toFixed(1)} ms`,
    `analyses ${total('analysis_total', { status: 'success' })} ok, ` +
      `${total('analysis_total', { status: 'error' })} failed, ${total('active_analyses')} active`,
    `corrections ${total('ve_corrections_count_sum')}`,
    `uploads ${(total('file_upload_bytes_sum') / 1e6).toFixed(1)} MB`,
    `Jetstream polls ${total('jetstream_poll_duration_seconds_count', { status: 'success' })} ok, ` +
      `${total('jetstream_poll_duration_seconds_count', { status: 'error' })} failed`,
    `runs complete ${total('jetstream_runs_total', { status: 'complete' })}`,
    `sessions ${total('virtual_tuning_sessions_total', { status: 'running' })}, open ${total('active_sessions')}`
  ].join(' | ')
}

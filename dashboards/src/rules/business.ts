import { countBy, sumBy } from './histogram.js'
import { INSTANCE } from './rule.js'
import type { RuleGroup } from './rule.js'

const POLLS = { fn: 'increase', histogram: 'dynoai_jetstream_poll_duration_seconds' } as const
const polls = (window: string, status?: string): string =>
  countBy('job', { ...POLLS, window, ...status !== undefined && { matchers: `status="${status}"` } })

/** Alerts on analyses, Jetstream and uploads. */
export const business: RuleGroup = {
  name: 'dynoai-business',
  rules: [
    {
      comment: 'The service responds to an upload before the analysis. The objectives do not detect failed analyses, ' +
        'so this alert pages. It needs more than half of at least ten analyses, so a few unreadable logs do not page.',
      alert: 'DynoaiAnalysesFailing',
      expr: `sum by (job, source) (increase(dynoai_analysis_total{status="error"}[30m]))
/ (sum by (job, source) (increase(dynoai_analysis_total[30m])) >= 10)
> 0.5`,
      for: '5m',
      severity: 'page',
      labels: { failing: 'most' },
      summary: 'Analyses from {{ $labels.source }} fail on {{ $labels.job }}',
      description: '{{ $value | humanizePercentage }} of the analyses from {{ $labels.source }} on {{ $labels.job }} ' +
        'in the last 30 minutes failed.'
    },
    {
      comment: 'A source with a few analyses per hour never has ten in half an hour. A ticket, because four ' +
        'unreadable logs of one rider look the same.',
      alert: 'DynoaiAnalysesFailing',
      expr: `sum by (job, source) (increase(dynoai_analysis_total{status="error"}[1h])) >= 4
unless sum by (job, source) (increase(dynoai_analysis_total{status="success"}[1h])) > 0`,
      for: '5m',
      severity: 'ticket',
      labels: { failing: 'all' },
      summary: 'All analyses from {{ $labels.source }} fail on {{ $labels.job }}',
      description: 'All of the {{ $value | humanize }} analyses from {{ $labels.source }} on {{ $labels.job }} in ' +
        'the last hour failed.'
    },
    {
      comment: 'Sessions that riders stop are no failures, and neither are those that reach the maximum of iterations.',
      alert: 'DynoaiTuningFailing',
      expr: `sum by (job) (increase(dynoai_virtual_tuning_sessions_total{status="failed"}[1h])) >= 4
unless sum by (job) (
  increase(dynoai_virtual_tuning_sessions_total{status=~"converged|max_iterations"}[1h])
) > 0`,
      for: '5m',
      severity: 'ticket',
      summary: 'All tuning sessions fail on {{ $labels.job }}',
      description: 'All of the {{ $value | humanize }} tuning sessions on {{ $labels.job }} that ended in the last ' +
        'hour failed.'
    },
    {
      comment: 'A ticket, because an outage of Jetstream cannot be fixed here. With a poll every 30 s, 10 minutes ' +
        'have 20 polls.',
      alert: 'DynoaiJetstreamFailing',
      expr: `${polls('10m', 'error')}
/ (${polls('10m')} >= 5)
> 0.5`,
      for: '5m',
      severity: 'ticket',
      labels: { failing: 'polls' },
      summary: 'Polls of Jetstream fail on {{ $labels.job }}',
      description: '{{ $value | humanizePercentage }} of the polls of Jetstream by {{ $labels.job }} in the last 10 ' +
        'minutes failed.'
    },
    {
      alert: 'DynoaiJetstreamFailing',
      expr: `sum by (job) (increase(dynoai_jetstream_runs_total{status="error"}[1h]))
/ (sum by (job) (increase(dynoai_jetstream_runs_total{status=~"complete|error"}[1h])) >= 5)
> 0.5`,
      for: '5m',
      severity: 'ticket',
      labels: { failing: 'runs' },
      summary: 'Runs on Jetstream end in errors for {{ $labels.job }}',
      description: '{{ $value | humanizePercentage }} of the Jetstream runs of {{ $labels.job }} that ended in the ' +
        'last hour ended in an error.'
    },
    {
      comment: 'By job, because one of many instances may poll for all. The rule applies only if the process, or a ' +
        'process that ran within the last day, has ever polled; a service without Jetstream never polls. It reads ' +
        'the value of the counter. An increase would miss a poller that hangs after its first poll, and would end ' +
        'the alert for a poller that hangs for a day. 10 minutes are 20 missed polls. `for` waits for the first ' +
        'polls of a new process.',
      alert: 'DynoaiJetstreamStale',
      expr: `${polls('10m', 'success')} == 0
and sum by (job) (
  max_over_time(dynoai_jetstream_poll_duration_seconds_count[1d])
  or max_over_time(histogram_count(dynoai_jetstream_poll_duration_seconds)[1d:1m])
) > 0`,
      for: '5m',
      severity: 'ticket',
      summary: 'The Jetstream data of {{ $labels.job }} is stale',
      description: '{{ $labels.job }} is up, and has polled Jetstream before, but no poll has succeeded for 15 ' +
        'minutes.'
    },
    {
      comment: '2 MiB per second are 7 GiB per hour, or thousands of logs. By instance, because each has a separate ' +
        'disk.',
      alert: 'DynoaiUploadsFlooding',
      expr: `${sumBy('job, instance', { fn: 'rate', histogram: 'dynoai_file_upload_bytes', window: '15m' })} > 2097152`,
      for: '5m',
      severity: 'ticket',
      summary: `Too much upload traffic on ${INSTANCE}`,
      description: `${INSTANCE} receives {{ $value | humanize1024 }}B of files per second on average over 15 minutes.`
    }
  ]
}

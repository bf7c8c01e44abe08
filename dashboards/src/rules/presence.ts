import { INSTANCE, PROCESS } from './rule.js'
import type { RuleGroup } from './rule.js'

/** The targets that discovery finds of instances with dynoai-metrics, whether they are up or not, even for days. */
const discovered = (offset = ''): string => `count by (job) (
  up${offset} and on (job, instance) last_over_time(dynoai_exporter_info[7d]${offset})
)`

/** Alerts on services that are absent, down, restarting or stuck. */
export const presence: RuleGroup = {
  name: 'dynoai-presence',
  rules: [
    {
      comment: '5 minutes are longer than a deployment, and longer than the first scrapes after a start of ' +
        'Prometheus. For a job that is removed on purpose, the alert ends after a day.',
      alert: 'DynoaiAbsent',
      expr: `group by (job) (last_over_time(dynoai_exporter_info[1d])) unless on (job) dynoai_exporter_info
or on () absent(dynoai_exporter_info)`,
      for: '5m',
      severity: 'page',
      summary: 'No metrics of {{ with $labels.job }}{{ . }}{{ else }}any DynoAI service{{ end }}',
      description: 'Prometheus has had no metrics of dynoai-metrics{{ with $labels.job }} for the job {{ . }}' +
        '{{ end }} for 5 minutes. Without metrics, other alerts cannot detect problems.'
    },
    {
      comment: '2 minutes are several failed scrapes, and longer than a restart. An instance counts that had metrics ' +
        'of dynoai-metrics within a week, so the alert lasts for days of an outage. An instance that never had any ' +
        'counts too, unless its job, such as `kubernetes-pods`, also has targets of other programs, which were up ' +
        'within the week. One sample an hour shows that: all samples of all targets would be too many.',
      alert: 'DynoaiDown',
      expr: `up == 0
and on (job, instance) last_over_time(dynoai_exporter_info[7d])
or
up == 0
and on (job) group by (job) (last_over_time(dynoai_exporter_info[7d]))
unless on (job) (
  (max_over_time(up[1h]) == 1 or max_over_time(up[7d:1h]) == 1)
  unless on (job, instance) last_over_time(dynoai_exporter_info[7d])
)`,
      for: '2m',
      severity: 'page',
      summary: `${INSTANCE} is down`,
      description: `Prometheus could not scrape ${INSTANCE} for 2 minutes.`
    },
    {
      comment: 'A target that is up for every third scrape is never down for 2 minutes. One outage changes `up` ' +
        'twice, and a restart ends it, so it needs more changes and less than 3/4 of the scrapes.',
      alert: 'DynoaiFlapping',
      expr: `avg_over_time(up[10m]) < 0.75
and changes(up[10m]) > 4
and on (job, instance) last_over_time(dynoai_exporter_info[10m])`,
      for: '5m',
      severity: 'page',
      summary: `${INSTANCE} is down again and again`,
      description: `Only {{ $value | humanizePercentage }} of the scrapes of ${INSTANCE} succeeded in the last 10 ` +
        'minutes.'
    },
    {
      comment: 'An instance that discovery no longer finds has no `up`, so it is not down. A deployment replaces ' +
        'instances, which changes their names and not their number. A service that is scaled down on purpose raises ' +
        'the alert too, until an hour later.',
      alert: 'DynoaiInstanceGone',
      expr: `${discovered()}
< ${discovered(' offset 1h')}`,
      for: '10m',
      severity: 'ticket',
      summary: 'An instance of {{ $labels.job }} is gone',
      description: 'Prometheus finds fewer instances of {{ $labels.job }} than an hour ago: {{ $value | humanize }}. ' +
        'Those that are gone are not scraped, so no other alert sees them.'
    },
    {
      comment: 'A process that exits loses the counts of its failed requests. The objectives do not detect a crash ' +
        'loop, so this alert pages. Three starts in half an hour are more than a deployment and its rollback. It ' +
        'needs no `for`, because the window already covers 30 minutes. Behind one target, the processes of a service ' +
        'have different `worker` labels. A rolling restart starts each of them once, which is not a crash loop, so ' +
        'starts are counted by worker.',
      alert: 'DynoaiRestarting',
      expr: `max by (job, instance, worker) (changes(process_start_time_seconds[30m])) > 2
and on (job, instance) last_over_time(dynoai_exporter_info[30m])`,
      severity: 'page',
      labels: { window: '30m' },
      summary: `${PROCESS} keeps restarting`,
      description: `${PROCESS} has started {{ $value | humanize }} times in the last 30 minutes.`
    },
    {
      comment: 'A process that is killed every 20 minutes starts once or twice in half an hour. Six starts in 3 ' +
        'hours are more than a morning of deployments.',
      alert: 'DynoaiRestarting',
      expr: `max by (job, instance, worker) (changes(process_start_time_seconds[3h])) > 5
and on (job, instance) last_over_time(dynoai_exporter_info[30m])`,
      severity: 'ticket',
      labels: { window: '3h' },
      summary: `${PROCESS} restarts now and then`,
      description: `${PROCESS} has started {{ $value | humanize }} times in the last 3 hours.`
    },
    {
      comment: 'A process is stale if it has not written its metrics for three intervals. Garbage collection and ' +
        'start-up end within seconds. A ticket, because the other processes serve the requests.',
      alert: 'DynoaiWorkerStale',
      expr: 'sum by (job, instance) (dynoai_metrics_workers{state="stale"}) > 0',
      for: '5m',
      severity: 'ticket',
      summary: `A process of ${INSTANCE} is stuck`,
      description: `{{ $value | humanize }} of the processes of ${INSTANCE} run, but have not written their metrics ` +
        'for 5 minutes.'
    }
  ]
}

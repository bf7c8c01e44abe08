import { INSTANCE, PROCESS } from './rule.js'
import type { RuleGroup } from './rule.js'

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
      description: 'Prometheus has had no metrics of dynoai-metrics{{ with $labels.job }} for the job {{ . }}{{ end ' +
        '}} for 5 minutes. Without metrics, other alerts cannot detect problems.'
    },
    {
      comment: '2 minutes are several failed scrapes, and longer than a restart. The rule applies to targets of a ' +
        'job that had metrics of dynoai-metrics within a week. So the alert lasts for days of an outage, and targets ' +
        'of other programs do not raise it.',
      alert: 'DynoaiDown',
      expr: `up == 0
and on (job) group by (job) (last_over_time(dynoai_exporter_info[7d]))`,
      for: '2m',
      severity: 'page',
      summary: `${INSTANCE} is down`,
      description: `Prometheus could not scrape ${INSTANCE} for 2 minutes.`
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
      summary: `${PROCESS} keeps restarting`,
      description: `${PROCESS} has started {{ $value | humanize }} times in the last 30 minutes.`
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

import { INSTANCE, PROCESS } from './rule.js'
import type { RuleGroup } from './rule.js'

/** Alerts on event loops, memory, file descriptors and scrapes. */
export const runtime: RuleGroup = {
  name: 'dynoai-runtime',
  rules: [
    {
      comment: 'The share of time with a long delay. Scrapes by other clients do not reset it, unlike the lag of ' +
        'prom-client. Start-up and a single large analysis end within 10 minutes.',
      alert: 'DynoaiEventLoopLagging',
      expr: `(
  1 - sum by (job, instance, worker) (rate(nodejs_eventloop_delay_seconds_bucket{le="0.1"}[5m]))
  / (sum by (job, instance, worker) (rate(nodejs_eventloop_delay_seconds_count[5m])) > 0)
  or 1 - histogram_fraction(-Inf, 0.1, sum by (job, instance, worker) (
    rate(nodejs_eventloop_delay_seconds[5m])
  ))
) > 0.1
and on (job, instance) dynoai_exporter_info`,
      for: '10m',
      severity: 'ticket',
      summary: `The event loop of ${PROCESS} lags`,
      description: `The event loop of ${PROCESS} is delayed by more than 100 ms for {{ $value | humanizePercentage ` +
        '}} of the time. All requests wait during the delay.'
    },
    {
      comment: 'The lowest memory of an hour has grown by more than 64 MiB in each of two periods of 3 hours. A leak ' +
        'continues to grow, a cache that fills does not. The process must be older than the compared hours and its ' +
        'warm-up.',
      alert: 'DynoaiMemoryGrowing',
      expr: `max by (job, instance, worker) (
  min_over_time(process_resident_memory_bytes[1h])
  - min_over_time(process_resident_memory_bytes[1h] offset 6h)
  and min_over_time(process_resident_memory_bytes[1h])
  - min_over_time(process_resident_memory_bytes[1h] offset 3h) > 67108864
  and min_over_time(process_resident_memory_bytes[1h] offset 3h)
  - min_over_time(process_resident_memory_bytes[1h] offset 6h) > 67108864
  and on (job, instance, worker) time() - process_start_time_seconds > 8 * 3600
)
and on (job, instance) dynoai_exporter_info`,
      for: '30m',
      severity: 'ticket',
      summary: `The memory of ${PROCESS} keeps growing`,
      description: `The lowest resident memory per hour of ${PROCESS} has grown by {{ $value | humanize1024 }}B in 6 ` +
        'hours and is still growing.'
    },
    {
      comment: 'At the limit, the process accepts no connection, so it is down for its users. 5 minutes are longer ' +
        'than a burst.',
      alert: 'DynoaiDescriptorsRunningOut',
      expr: `max by (job, instance, worker) (process_open_fds / (process_max_fds > 0)) > 0.8
and on (job, instance) dynoai_exporter_info`,
      for: '5m',
      severity: 'page',
      summary: `${PROCESS} runs out of file descriptors`,
      description: `${PROCESS} has {{ $value | humanizePercentage }} of its file descriptors open. At 100 %, it ` +
        'cannot accept connections or open files.'
    },
    {
      comment: '1 s is at least 10 times the duration of a scrape of ten thousand series, and 1/10 of the default ' +
        'timeout of Prometheus. The average ignores a single slow scrape.',
      alert: 'DynoaiScrapeSlow',
      expr: `max by (job, instance) (avg_over_time(scrape_duration_seconds[10m])) > 1
and on (job, instance) dynoai_exporter_info`,
      for: '10m',
      severity: 'ticket',
      summary: `Scrapes of ${INSTANCE} are slow`,
      description: `A scrape of ${INSTANCE} takes {{ $value | humanizeDuration }} on average over 10 minutes. If it ` +
        'exceeds the timeout of Prometheus, the instance counts as down.'
    }
  ]
}

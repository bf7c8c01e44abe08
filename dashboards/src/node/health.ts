import { BytesIEC, DurationSeconds, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { stat } from '../panels.js'
import type { Row } from '../panels.js'
import { avg, group, max, measured, measuredLately, quantile, rate, select, sum } from '../promql.js'
import { table } from '../tables.js'

const RANGE = '5m'
const up = measuredLately(select('up'))

export const health: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Instances up',
      description: 'Share of the instances that Prometheus could scrape the last time, of those that it has scraped in the last day.',
      unit: PercentUnit,
      noValue: 'No instance in a day',
      width: 3
    }, [{ expr: avg(up), legend: 'Up' }], ['red', [1, 'green']], 0),
    stat({
      title: 'Restarts in a day',
      description: 'Starts of the instances in the last 24 hours, without the first start of a new one.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 3
    }, [{ expr: sum(measured(`changes(${select('process_start_time_seconds')}[1d])`)), legend: 'Restarts' }], ['green', [1, 'yellow'], [5, 'red']], 0),
    stat({
      title: 'Youngest instance',
      description: 'Time since the instance that started last did so.',
      unit: DurationSeconds,
      noValue: 'Not scraped',
      width: 3
    }, [{ expr: `time() - ${max(measured(select('process_start_time_seconds')))}`, legend: 'Up for' }], ['yellow', [600, 'green']]),
    stat({
      title: 'Worst loop delay',
      description: 'How late the event loop of the worst instance is for 1 % of the last 5 minutes, or later. Everybody waits for what it does in one go.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: 3
    }, [{ expr: max(measured(quantile(0.99, sum(rate('nodejs_eventloop_delay_seconds_bucket', {}, RANGE), ['job', 'instance', 'le'])))), legend: 'p99' }], ['green', [0.1, 'yellow'], [0.25, 'red']]),
    stat({
      title: 'Busiest CPU',
      description: 'The busiest instance in the last 5 minutes; 100 % is one core, which is all that JavaScript uses.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 3
    }, [{ expr: max(measured(rate('process_cpu_seconds_total', {}, RANGE))), legend: 'CPU' }], ['green', [0.7, 'yellow'], [0.9, 'red']], 1),
    stat({
      title: 'Largest memory',
      description: 'Resident memory of the largest instance.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 3
    }, [{ expr: max(measured(select('process_resident_memory_bytes'))), legend: 'Resident' }], ['blue']),
    stat({
      title: 'Most GC time',
      description: 'Share of the last 5 minutes that the instance with the most garbage collection spent in it.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 3
    }, [{ expr: max(sum(measured(rate('nodejs_gc_duration_seconds_sum', {}, RANGE)), ['job', 'instance'])), legend: 'GC' }], ['green', [0.05, 'yellow'], [0.1, 'red']], 2),
    stat({
      title: 'Most descriptors',
      description: 'Open file descriptors beside the most that may be open, of the instance that is closest to it. Linux only.',
      unit: PercentUnit,
      noValue: 'Not known',
      width: 3
    }, [{ expr: max(measured(`${select('process_open_fds')} / (${select('process_max_fds')} > 0)`)), legend: 'Used' }], ['green', [0.7, 'yellow'], [0.8, 'red']], 1),
    table({
      title: 'Versions',
      description: 'What runs where: the version of the application, of dynoai-metrics in it and of Node.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 24
    }, [
      { title: 'Job', label: 'job' },
      { title: 'Instance', label: 'instance' },
      { title: 'Application', label: 'application' },
      { title: 'dynoai-metrics', label: 'exporter' },
      { title: 'Node', label: 'node' }
    ], [{ title: 'Started', expr: versions(), unit: 'dateTimeAsIso' }], 'Started')
  ]
}

// Three series call their label `version`, so each is renamed before they are joined; milliseconds are what dates are in.
function versions (): string {
  const renamed = (series: string, label: string): string =>
    `label_replace(${group(measured(select(series)), ['job', 'instance', 'version'])}, "${label}", "$1", "version", "(.*)")`
  const joined = [['dynoai_app_info', 'application'], ['dynoai_exporter_info', 'exporter'], ['nodejs_version_info', 'node']] as const
  return joined.reduce(
    (expr, [series, label]) => `${expr} * on (job, instance) group_left (${label}) ${renamed(series, label)}`,
    `1000 * ${max(measured(select('process_start_time_seconds')), ['job', 'instance'])}`
  )
}

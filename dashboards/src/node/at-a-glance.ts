import { BytesIEC, DurationSeconds, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { stat } from '../panels.js'
import type { Row } from '../panels.js'
import { avg, filterInstances, filterRecentInstances, group, max, quantile, rate, select, sum } from '../promql.js'
import { table } from '../tables.js'

const RANGE = '5m'

const up = filterRecentInstances(select('up'))
const startTime = filterInstances(select('process_start_time_seconds'))
const restarts = sum(filterInstances(`changes(${select('process_start_time_seconds')}[1d])`))
const loopDelays = sum(rate('nodejs_eventloop_delay_seconds_bucket', {}, RANGE), ['job', 'instance', 'le'])
const gcTime = sum(filterInstances(rate('nodejs_gc_duration_seconds_sum', {}, RANGE)), ['job', 'instance'])
const usedDescriptors = filterInstances(`${select('process_open_fds')} / (${select('process_max_fds')} > 0)`)

export const atAGlance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Instances up',
      description: 'Share of instances whose last scrape succeeded. Instances without a successful scrape in the ' +
        'last day are not counted.',
      unit: PercentUnit,
      noValue: 'No instance in a day',
      width: 3
    }, {
      queries: [{ expr: avg(up), legend: 'Up' }],
      thresholds: ['red', [1, 'green']],
      decimals: 0
    }),
    stat({
      title: 'Restarts in a day',
      description: 'Starts of the instances in the last 24 hours. The first start of a new instance is not counted.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: restarts, legend: 'Restarts' }],
      thresholds: ['green', [1, 'yellow'], [5, 'red']],
      decimals: 0
    }),
    stat({
      title: 'Youngest instance',
      description: 'Time since the latest start of an instance.',
      unit: DurationSeconds,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: `time() - ${max(startTime)}`, legend: 'Up for' }],
      thresholds: ['yellow', [600, 'green']]
    }),
    stat({
      title: 'Worst loop delay',
      description: 'Event-loop delay of the worst instance: for 1 % of the last 5 minutes it was at least this long. ' +
        'All requests wait during the delay.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: max(filterInstances(quantile(0.99, loopDelays))), legend: 'p99' }],
      thresholds: ['green', [0.1, 'yellow'], [0.25, 'red']]
    }),
    stat({
      title: 'Busiest CPU',
      description: 'CPU usage of the busiest instance in the last 5 minutes. 100 % is one core. JavaScript uses only ' +
        'one core.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: max(filterInstances(rate('process_cpu_seconds_total', {}, RANGE))), legend: 'CPU' }],
      thresholds: ['green', [0.7, 'yellow'], [0.9, 'red']],
      decimals: 1
    }),
    stat({
      title: 'Largest memory',
      description: 'Resident memory of the instance that uses the most.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: max(filterInstances(select('process_resident_memory_bytes'))), legend: 'Resident' }],
      thresholds: ['blue']
    }),
    stat({
      title: 'Most GC time',
      description: 'Share of the last 5 minutes that was spent in garbage collection, for the instance with the most.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: max(gcTime), legend: 'GC' }],
      thresholds: ['green', [0.05, 'yellow'], [0.1, 'red']],
      decimals: 2
    }),
    stat({
      title: 'Most descriptors',
      description: 'Open file descriptors as a share of the limit, for the instance that is closest to its limit. ' +
        'Linux only.',
      unit: PercentUnit,
      noValue: 'Not known',
      width: 3
    }, {
      queries: [{ expr: max(usedDescriptors), legend: 'Used' }],
      thresholds: ['green', [0.7, 'yellow'], [0.8, 'red']],
      decimals: 1
    }),
    table({
      title: 'Versions',
      description: 'The versions of the application, of dynoai-metrics and of Node on each instance.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 24
    }, {
      labels: [
        { title: 'Job', label: 'job' },
        { title: 'Instance', label: 'instance' },
        { title: 'Application', label: 'application' },
        { title: 'dynoai-metrics', label: 'exporter' },
        { title: 'Node', label: 'node' }
      ],
      values: [{ title: 'Started', expr: startTimesWithVersions(), unit: 'dateTimeAsIso' }],
      sortBy: 'Started'
    })
  ]
}

// Three series have a label `version`, so each label is renamed before the join. Grafana's date unit expects
// milliseconds.
function startTimesWithVersions (): string {
  const withRenamedVersion = (series: string, label: string): string => {
    const versions = group(filterInstances(select(series)), ['job', 'instance', 'version'])
    return `label_replace(${versions}, "${label}", "$1", "version", "(.*)")`
  }
  const joins = [
    ['dynoai_app_info', 'application'], ['dynoai_exporter_info', 'exporter'], ['nodejs_version_info', 'node']
  ] as const
  return joins.reduce(
    (expr, [series, label]) =>
      `${expr} * on (job, instance) group_left (${label}) ${withRenamedVersion(series, label)}`,
    `1000 * ${max(startTime, ['job', 'instance'])}`
  )
}

import { BytesIEC, DurationSeconds, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { stat } from '../panels.js'
import type { Row } from '../panels.js'
import { avg, filterInstances, filterRecentInstances, group, max, quantile, rate, select, sum } from '../promql.js'
import { table } from '../tables.js'

const RANGE = '5m'
/** What tells processes apart: several processes behind one target have different `worker` labels. */
const PROCESS = ['job', 'instance', 'worker']

const up = filterRecentInstances(select('up'))
const startTime = filterInstances(select('process_start_time_seconds'))
const restarts = sum(filterInstances(`changes(${select('process_start_time_seconds')}[1d])`))
const loopDelays = { histogram: 'nodejs_eventloop_delay_seconds', range: RANGE, by: PROCESS }
const gcTime = sum(filterInstances(rate('nodejs_gc_duration_seconds_sum', {}, RANGE)), PROCESS)
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
      description: 'Starts of the processes in the last 24 hours. The first start of a new process is not counted.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: restarts, legend: 'Restarts' }],
      thresholds: ['green', [1, 'yellow'], [5, 'red']],
      decimals: 0
    }),
    stat({
      title: 'Youngest process',
      description: 'Time since the latest start of a process.',
      unit: DurationSeconds,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: `time() - ${max(startTime)}`, legend: 'Up for' }],
      thresholds: ['yellow', [600, 'green']]
    }),
    stat({
      title: 'Worst loop delay',
      description: 'Event-loop delay of the worst process: for 1 % of the last 5 minutes it was at least this long. ' +
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
      description: 'CPU usage of the busiest process in the last 5 minutes. 100 % is one core. JavaScript uses only ' +
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
      description: 'Resident memory of the process that uses the most.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 3
    }, {
      queries: [{ expr: max(filterInstances(select('process_resident_memory_bytes'))), legend: 'Resident' }],
      thresholds: ['blue']
    }),
    stat({
      title: 'Most GC time',
      description: 'Share of the last 5 minutes that was spent in garbage collection, for the process with the most.',
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
      description: 'Open file descriptors as a share of the limit, for the process that is closest to its limit. ' +
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
      description: 'When each process started, and the versions of the application, of dynoai-metrics and of Node on ' +
        'its instance. If the processes of an instance differ in a version, one of them is shown.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 24
    }, {
      labels: [
        { title: 'Job', label: 'job' },
        { title: 'Instance', label: 'instance' },
        { title: 'Worker', label: 'worker' },
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
    // A join fails if an instance has two versions, as it has while its processes are restarted one after another.
    const one = `topk by (job, instance) (1, ${versions})`
    return `label_replace(${one}, "${label}", "$1", "version", "(.*)")`
  }
  const joins = [
    ['dynoai_app_info', 'application'], ['dynoai_exporter_info', 'exporter'], ['nodejs_version_info', 'node']
  ] as const
  return joins.reduce(
    (expr, [series, label]) =>
      `${expr} * on (job, instance) group_left (${label}) ${withRenamedVersion(series, label)}`,
    `1000 * ${max(startTime, PROCESS)}`
  )
}

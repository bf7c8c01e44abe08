import { BytesIEC, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { SLOW_AFTER_SECONDS } from '../objectives.js'
import { stackedTimeseries, timeseries, withColors, withLegendRight, withThresholdLines } from '../panels/index.js'
import type { Query, Row } from '../panels/index.js'
import { filterInstances, group, mean, rate, select, sum } from '../promql.js'
import { gcTime, LONGEST, loopBusy, loopDelay, PROCESS_LEGEND, startTime, usedDescriptors, worstOf } from './process.js'

// A narrow legend cuts off the end of a name, so what tells the lines of a process apart is first.
const processQuery = (expr: string, legend: string): Query => ({ expr, legend: `${legend} ${PROCESS_LEGEND}` })
const gaugeQuery = (series: string, legend: string): Query => processQuery(filterInstances(select(series)), legend)
const cpuQuery = (kind: string): Query =>
  processQuery(filterInstances(rate(`process_cpu_${kind}_seconds_total`)), kind)

const gcPauses = mean({ histogram: 'nodejs_gc_duration_seconds', by: ['job', 'instance', 'kind'] })

// An instance without the metric is one process, which is live as it is scraped.
const single = `label_replace(${group(select('dynoai_exporter_info'), ['instance'])}, "state", "live", "", "")`
const processes = `${sum(select('dynoai_metrics_workers'), ['instance', 'state'])} or on (instance) ${single}`

export const runtime: Row = {
  title: 'Runtime',
  panels: [
    withLegendRight(withThresholdLines(timeseries({
      title: 'Event-loop delay',
      description: 'How long the event loop was delayed, for the worst process of each instance. The longest delay ' +
        'is rounded up to a bound of the histogram (0.25, 0.5, 1, 2.5 s). The p99 was exceeded in 1 % of the time. ' +
        'All requests wait during a delay: a long synchronous task is the cause. The dashed line is the ' +
        `${SLOW_AFTER_SECONDS} s of the latency objective.`,
      unit: Seconds,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: worstOf(loopDelay(LONGEST)), legend: 'longest {{instance}}' },
      { expr: worstOf(loopDelay(0.99)), legend: 'p99 {{instance}}' }
    ]), ['transparent', [SLOW_AFTER_SECONDS, 'red']])),
    withThresholdLines(timeseries({
      title: 'Event loop busy',
      description: 'Share of the time in which the event loop was active, for the busiest process of each instance. ' +
        'Near 100 %, requests wait for one another: add instances. If it is higher than the CPU usage, the event ' +
        'loop waits synchronously, for example for a disk.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: worstOf(loopBusy()), legend: '{{instance}}' }]), ['transparent', [0.7, 'yellow'], [0.9, 'red']]),
    withLegendRight(stackedTimeseries({
      title: 'CPU',
      description: 'CPU time by kind. 100 % is one core. User time is the work of the service; system time is the ' +
        'work of the kernel for the service.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 12
    }, [cpuQuery('user'), cpuQuery('system')])),
    withLegendRight(timeseries({
      title: 'Memory',
      description: 'Resident memory is the RAM that the process uses. External memory is the memory of buffers. A ' +
        'heap that is larger after each garbage collection is a leak.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 12
    }, [
      gaugeQuery('process_resident_memory_bytes', 'resident'),
      gaugeQuery('nodejs_heap_size_total_bytes', 'heap'),
      gaugeQuery('nodejs_heap_size_used_bytes', 'heap used'),
      gaugeQuery('nodejs_external_memory_bytes', 'external')
    ])),
    withLegendRight(stackedTimeseries({
      title: 'Heap used by space',
      description: 'Used heap memory by space. The new space contains young objects. The old space contains objects ' +
        'that have survived garbage collections. Large objects have separate spaces.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(filterInstances(select('nodejs_heap_space_size_used_bytes')), ['space']), legend: '{{space}}' }])),
    withLegendRight(stackedTimeseries({
      title: 'Active resources',
      description: 'Resources that keep the event loop running, by type: sockets, timers, system requests. A type ' +
        'that only grows is a leak.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(filterInstances(select('nodejs_active_resources')), ['type']), legend: '{{type}}' }])),
    withLegendRight(stackedTimeseries({
      title: 'Garbage collection',
      description: 'Share of the time that was spent in garbage collection, by kind. Above 10 %, the heap is too ' +
        'small or the service allocates too much.',
      unit: PercentUnit,
      noValue: 'No collection yet',
      width: 12
    }, [{ expr: gcTime(['instance', 'worker', 'kind']), legend: `{{kind}} ${PROCESS_LEGEND}` }])),
    withLegendRight(timeseries({
      title: 'Garbage collection pauses',
      description: 'Mean time of a garbage collection, by kind. Most are shorter than the first bound of the ' +
        'histogram, 1 ms, so a percentile would be a guess. All requests wait during a major one.',
      unit: Seconds,
      noValue: 'No collection yet',
      width: 12
    }, [{ expr: filterInstances(gcPauses), legend: '{{kind}} {{instance}}' }])),
    withThresholdLines(timeseries({
      title: 'File descriptors',
      description: 'Open file descriptors, including sockets, as a share of their limit. An alert pages at 80 %, the ' +
        'dashed line. Linux only.',
      unit: PercentUnit,
      noValue: 'Not known',
      width: 8
    }, [{ expr: usedDescriptors, legend: PROCESS_LEGEND }]), ['transparent', [0.8, 'red']]),
    timeseries({
      title: 'Uptime',
      description: 'Time since the start of each process. It falls to 0 at every restart. Blue lines mark the ' +
        'restarts.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: `time() - ${startTime}`, legend: PROCESS_LEGEND }]),
    withColors(stackedTimeseries({
      title: 'Processes',
      description: 'Processes that the scrapes answer for, of all chosen instances. Live processes have written ' +
        'their metrics in the last seconds. A stale one has not, because its event loop is blocked or it is ' +
        'stopped. A process that is gone has ended, and no new process has taken its place.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: sum(processes, ['state']), legend: '{{state}}' }
    ]), [['^live$', 'green'], ['^stale$', 'orange'], ['^gone$', 'text']])
  ]
}

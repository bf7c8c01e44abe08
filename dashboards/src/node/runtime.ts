import { BytesIEC, DurationSeconds, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { stackedTimeseries, timeseries, withColors, withThresholdLines } from '../panels.js'
import type { Query, Row } from '../panels.js'
import { filterInstances, group, quantile, rate, select, sum } from '../promql.js'

const gaugeQuery = (series: string, legend: string): Query =>
  ({ expr: filterInstances(select(series)), legend: `{{instance}} {{worker}} ${legend}` })

const loopDelays = { histogram: 'nodejs_eventloop_delay_seconds', by: ['job', 'instance', 'worker'] }
const loopDelayQuery = (q: number, legend: string): Query =>
  ({ expr: filterInstances(quantile(q, loopDelays)), legend: `{{instance}} {{worker}} ${legend}` })

const gcTime = sum(filterInstances(rate('nodejs_gc_duration_seconds_sum')), ['instance', 'worker', 'kind'])

// An instance without the metric is one process, which is live as it is scraped.
const single = `label_replace(${group(select('dynoai_exporter_info'), ['instance'])}, "state", "live", "", "")`
const processes = `${sum(select('dynoai_metrics_workers'), ['instance', 'state'])} or on (instance) ${single}`

/** The name of a process. A single process of an instance has no number. */
const PROCESS = '{{instance}} {{worker}}'

export const runtime: Row = {
  title: 'Runtime',
  panels: [
    withThresholdLines(timeseries({
      title: 'Event-loop delay',
      description: 'How long the event loop was delayed. At p90, the delay was at least this long for 10 % of the ' +
        'time. Up to 10 ms is normal. Above 100 ms, all requests wait for a long synchronous task.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: 8
    }, [
      loopDelayQuery(0.99, 'p99'), loopDelayQuery(0.9, 'p90')
    ]), ['transparent', [0.1, 'yellow'], [0.25, 'red']]),
    withThresholdLines(timeseries({
      title: 'Event loop busy',
      description: 'Share of the time in which the event loop was active. Near 100 %, requests wait for one another: ' +
        'add instances. If it is higher than the CPU usage, the event loop waits synchronously, for example for a ' +
        'disk.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: filterInstances(rate('nodejs_eventloop_active_seconds_total')), legend: PROCESS }
    ]), ['transparent', [0.7, 'yellow'], [0.9, 'red']]),
    stackedTimeseries({
      title: 'CPU',
      description: 'CPU time by kind. 100 % is one core. User time is the work of the service; system time is the ' +
        'work of the kernel for the service.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: filterInstances(rate('process_cpu_user_seconds_total')), legend: '{{instance}} {{worker}} user' },
      { expr: filterInstances(rate('process_cpu_system_seconds_total')), legend: '{{instance}} {{worker}} system' }
    ]),
    timeseries({
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
    ]),
    stackedTimeseries({
      title: 'Heap used by space',
      description: 'Used heap memory by space. The new space contains young objects. The old space contains objects ' +
        'that have survived garbage collections. Large objects have separate spaces.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(filterInstances(select('nodejs_heap_space_size_used_bytes')), ['space']), legend: '{{space}}' }]),
    stackedTimeseries({
      title: 'Garbage collection',
      description: 'Share of the time that was spent in garbage collection, by kind. Above 10 %, the heap is too ' +
        'small or the service allocates too much.',
      unit: PercentUnit,
      noValue: 'No collection yet',
      width: 12
    }, [{ expr: gcTime, legend: '{{instance}} {{worker}} {{kind}}' }]),
    timeseries({
      title: 'File descriptors',
      description: 'Open file descriptors, including sockets, as a share of their limit. An alert pages at 80 %. ' +
        'Linux only.',
      unit: PercentUnit,
      noValue: 'Not known',
      width: 12
    }, [{
      expr: filterInstances(`${select('process_open_fds')} / (${select('process_max_fds')} > 0)`), legend: PROCESS
    }]),
    stackedTimeseries({
      title: 'Active resources',
      description: 'Resources that keep the event loop running, by type: sockets, timers, system requests. A type ' +
        'that only grows is a leak.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(filterInstances(select('nodejs_active_resources')), ['type']), legend: '{{type}}' }]),
    timeseries({
      title: 'Uptime',
      description: 'Time since the start of each process. It falls to 0 at every restart. Blue lines mark the ' +
        'restarts.',
      unit: DurationSeconds,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: `time() - ${filterInstances(select('process_start_time_seconds'))}`, legend: PROCESS }]),
    withColors(stackedTimeseries({
      title: 'Processes',
      description: 'Processes that a scrape of the instance answers for. Live processes have written their metrics ' +
        'in the last seconds. A stale one has not, because its event loop is blocked or it is stopped. A process ' +
        'that is gone has ended, and no new process has taken its place.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 12
    }, [
      { expr: processes, legend: '{{instance}} {{state}}' }
    ]), [['live$', 'green'], ['stale$', 'orange'], ['gone$', 'text']])
  ]
}

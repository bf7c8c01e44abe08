import { BytesIEC, DurationSeconds, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { limited, stacked, timeseries } from '../panels.js'
import type { Row } from '../panels.js'
import { measured, quantile, rate, select, sum } from '../promql.js'

const gauge = (series: string, legend: string) => ({ expr: measured(select(series)), legend: `{{instance}} ${legend}` })

/** A quantile of how late the event loop was, over time. */
const delay = (q: number, legend: string) => ({
  expr: measured(quantile(q, sum(rate('nodejs_eventloop_delay_seconds_bucket'), ['job', 'instance', 'le']))),
  legend: `{{instance}} ${legend}`
})

export const runtime: Row = {
  title: 'Runtime',
  panels: [
    limited(timeseries({
      title: 'Event-loop delay',
      description: 'How late the event loop was, over time: at p90 it was as late as that, or later, for a tenth of the time. Up to 10 ms is nothing. Above 100 ms everybody waits for something that runs in one go.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: 8
    }, [delay(0.5, 'p50'), delay(0.9, 'p90'), delay(0.99, 'p99')]), ['transparent', [0.1, 'yellow'], [0.25, 'red']]),
    limited(timeseries({
      title: 'Event loop busy',
      description: 'Share of the time in which the event loop did something. Near 100 % requests wait for one another: add instances. Above the CPU it waits in one go, for a disk for instance.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [{ expr: measured(rate('nodejs_eventloop_active_seconds_total')), legend: '{{instance}}' }]), ['transparent', [0.7, 'yellow'], [0.9, 'red']]),
    stacked({
      title: 'CPU',
      description: 'Time of the processor by kind; 100 % is one core. User is work of the service, system is that of the kernel for it.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: 8
    }, [
      { expr: measured(rate('process_cpu_user_seconds_total')), legend: '{{instance}} user' },
      { expr: measured(rate('process_cpu_system_seconds_total')), legend: '{{instance}} system' }
    ]),
    timeseries({
      title: 'Memory',
      description: 'Resident memory is what the process has of the machine. A heap that grows from one collection to the next is a leak; external memory is that of buffers.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 12
    }, [
      gauge('process_resident_memory_bytes', 'resident'),
      gauge('nodejs_heap_size_total_bytes', 'heap'),
      gauge('nodejs_heap_size_used_bytes', 'heap used'),
      gauge('nodejs_external_memory_bytes', 'external')
    ]),
    stacked({
      title: 'Heap used by space',
      description: 'What the heap is made of: new is young, old has survived, large objects have space of their own.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(measured(select('nodejs_heap_space_size_used_bytes')), ['space']), legend: '{{space}}' }]),
    stacked({
      title: 'Garbage collection',
      description: 'Share of the time that was spent in garbage collection, by kind. Above 10 % the heap is too small or the service makes too much garbage.',
      unit: PercentUnit,
      noValue: 'No collection yet',
      width: 12
    }, [{ expr: sum(measured(rate('nodejs_gc_duration_seconds_sum')), ['instance', 'kind']), legend: '{{instance}} {{kind}}' }]),
    timeseries({
      title: 'File descriptors',
      description: 'Open file descriptors, sockets included, and the most that may be open. Linux only.',
      unit: NoUnit,
      noValue: 'Not known',
      width: 12
    }, [gauge('process_open_fds', 'open'), gauge('process_max_fds', 'limit')]),
    stacked({
      title: 'Active resources',
      description: 'What keeps the event loop going, by type: sockets, timers, requests to the system. A type that only grows leaks.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: sum(measured(select('nodejs_active_resources')), ['type']), legend: '{{type}}' }]),
    timeseries({
      title: 'Uptime',
      description: 'Time since the start of each instance; it falls back to 0 with every restart, where the blue marks are.',
      unit: DurationSeconds,
      noValue: 'Not scraped',
      width: 12
    }, [{ expr: `time() - ${measured(select('process_start_time_seconds'))}`, legend: '{{instance}}' }])
  ]
}

import { filterInstances, max, quantile, rate, select, sum } from '../promql.js'
import type { HistogramQuery } from '../promql.js'
import { INSTANCE_WIDTH } from '../tables.js'

/** What tells processes apart: several processes behind one target have different `worker` labels. */
export const PROCESS = ['job', 'instance', 'worker']
const INSTANCE = ['job', 'instance']

/** The legend of a process. A single process of an instance has no number. */
export const PROCESS_LEGEND = '{{instance}} {{worker}}'

/** The columns of a table with a row for each process. */
export const PROCESS_COLUMNS = [
  { title: 'Job', label: 'job' },
  { title: 'Instance', label: 'instance', width: INSTANCE_WIDTH },
  { title: 'Worker', label: 'worker', width: 75 }
]

/**
 * The highest value of the processes of each instance. A panel with a line for each of many processes is not readable,
 * and a mean would hide one that is blocked. The table by process tells which one it is.
 */
export const worstOf = (expr: string): string => max(expr, INSTANCE)

export const startTime = filterInstances(select('process_start_time_seconds'))

/** The quantile 1 is the longest delay, rounded up to a bound of the histogram. */
export const LONGEST = 1

/** A quantile of the event-loop delay of each process, over time. */
export const loopDelay = (q: number, times: Pick<HistogramQuery, 'range'> = {}): string =>
  filterInstances(quantile(q, { histogram: 'nodejs_eventloop_delay_seconds', by: PROCESS, ...times }))

export const loopBusy = (range?: string): string =>
  filterInstances(rate('nodejs_eventloop_active_seconds_total', {}, range))

/** The share of the time that each process spends in garbage collection. */
export const gcTime = (by: readonly string[], range?: string): string =>
  sum(filterInstances(rate('nodejs_gc_duration_seconds_sum', {}, range)), by)

/** Open file descriptors of each process as a share of its limit. */
export const usedDescriptors = filterInstances(`${select('process_open_fds')} / (${select('process_max_fds')} > 0)`)

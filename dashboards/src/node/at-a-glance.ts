import { BytesIEC, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { SLOW_AFTER_SECONDS } from '../objectives.js'
import { stat } from '../panels/index.js'
import type { Row } from '../panels/index.js'
import { avg, filterInstances, filterRecentInstances, max, rate, RECENT, select, sum } from '../promql.js'
import { load } from './load.js'
import { gcTime, LONGEST, loopDelay, PROCESS, startTime, usedDescriptors } from './process.js'
import { versions } from './versions.js'

/** Two lines of four numbers, whose titles fit at a width of 1000 pixels. */
const WIDTH = 6
const HEIGHT = 3

const up = filterRecentInstances(select('up'))
const restarts = sum(filterInstances(`changes(${select('process_start_time_seconds')}[1d])`))

export const atAGlance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Instances up',
      description: 'Share of instances whose last scrape succeeded. Instances without a successful scrape in the ' +
        'last day are not counted.',
      unit: PercentUnit,
      noValue: 'No instance in a day',
      width: WIDTH
    }, {
      queries: [{ expr: avg(up), legend: 'Up' }],
      thresholds: ['red', [1, 'green']],
      decimals: 0
    }).height(HEIGHT),
    stat({
      title: 'Restarts in a day',
      description: 'Starts of the processes in the last 24 hours. The first start of a new process is not counted.',
      unit: NoUnit,
      noValue: 'Not scraped',
      width: WIDTH
    }, {
      queries: [{ expr: restarts, legend: 'Restarts' }],
      thresholds: ['green', [1, 'yellow'], [5, 'red']],
      decimals: 0
    }).height(HEIGHT),
    stat({
      title: 'Youngest process',
      description: 'Time since the latest start of a process.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: WIDTH
    }, {
      queries: [{ expr: `time() - ${max(startTime)}`, legend: 'Up for' }],
      thresholds: ['yellow', [600, 'green']],
      decimals: 1
    }).height(HEIGHT),
    stat({
      title: 'Longest loop delay',
      description: 'The longest delay of an event loop in the last 5 minutes, rounded up to a bound of the histogram ' +
        `(0.25, 0.5, 1, 2.5 s). All requests wait during the delay. Red from ${SLOW_AFTER_SECONDS} s, the limit of ` +
        'the latency objective.',
      unit: Seconds,
      noValue: 'Not scraped',
      width: WIDTH
    }, {
      queries: [{ expr: max(loopDelay(LONGEST, { range: RECENT })), legend: 'Longest' }],
      thresholds: ['green', [SLOW_AFTER_SECONDS / 2, 'yellow'], [SLOW_AFTER_SECONDS, 'red']]
    }).height(HEIGHT),
    stat({
      title: 'Busiest CPU',
      description: 'CPU usage of the busiest process in the last 5 minutes. 100 % is one core. JavaScript uses only ' +
        'one core.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: WIDTH
    }, {
      queries: [{ expr: max(filterInstances(rate('process_cpu_seconds_total', {}, RECENT))), legend: 'CPU' }],
      thresholds: ['green', [0.7, 'yellow'], [0.9, 'red']],
      decimals: 1
    }).height(HEIGHT),
    stat({
      title: 'Largest memory',
      description: 'Resident memory of the process that uses the most.',
      unit: BytesIEC,
      noValue: 'Not scraped',
      width: WIDTH
    }, {
      queries: [{ expr: max(filterInstances(select('process_resident_memory_bytes'))), legend: 'Resident' }],
      thresholds: ['blue']
    }).height(HEIGHT),
    stat({
      title: 'Most GC time',
      description: 'Share of the last 5 minutes that was spent in garbage collection, for the process with the most.',
      unit: PercentUnit,
      noValue: 'Not scraped',
      width: WIDTH
    }, {
      queries: [{ expr: max(gcTime(PROCESS, RECENT)), legend: 'GC' }],
      thresholds: ['green', [0.05, 'yellow'], [0.1, 'red']],
      decimals: 2
    }).height(HEIGHT),
    stat({
      title: 'Most descriptors',
      description: 'Open file descriptors as a share of the limit, for the process that is closest to its limit. ' +
        'Linux only.',
      unit: PercentUnit,
      noValue: 'Not known',
      width: WIDTH
    }, {
      queries: [{ expr: max(usedDescriptors), legend: 'Used' }],
      thresholds: ['green', [0.7, 'yellow'], [0.8, 'red']],
      decimals: 1
    }).height(HEIGHT),
    load,
    versions
  ]
}

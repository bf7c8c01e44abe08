import { BytesIEC, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { SLOW_AFTER_SECONDS } from '../objectives.js'
import { filterInstances, max, rate, RECENT, select } from '../promql.js'
import { table } from '../tables.js'
import { LONGEST, loopBusy, loopDelay, PROCESS, PROCESS_COLUMNS, usedDescriptors } from './process.js'

/** Each process by itself, also where the panels below show the worst one of an instance. */
export const load = table({
  title: 'Load by process',
  description: 'The last 5 minutes of each process. The processes with the longest event-loop delay are first.',
  unit: NoUnit,
  noValue: 'Not scraped',
  width: 24
}, {
  labels: PROCESS_COLUMNS,
  values: [
    {
      title: 'Loop delay',
      expr: loopDelay(LONGEST, { range: RECENT }),
      unit: Seconds,
      thresholds: ['text', [SLOW_AFTER_SECONDS / 2, 'yellow'], [SLOW_AFTER_SECONDS, 'red']]
    },
    { title: 'Loop busy', expr: max(loopBusy(RECENT), PROCESS), unit: PercentUnit, decimals: 1 },
    {
      title: 'CPU',
      expr: max(filterInstances(rate('process_cpu_seconds_total', {}, RECENT)), PROCESS),
      unit: PercentUnit,
      decimals: 1
    },
    { title: 'Memory', expr: max(filterInstances(select('process_resident_memory_bytes')), PROCESS), unit: BytesIEC },
    { title: 'Descriptors', expr: max(usedDescriptors, PROCESS), unit: PercentUnit, decimals: 1 }
  ],
  sortBy: 'Loop delay',
  pageRows: 3
})

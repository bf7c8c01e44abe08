import { performance } from 'node:perf_hooks'
import { DELAY_BUCKETS } from '../series/buckets.js'
import type { RuntimeMetricsSettings } from '../types/index.js'
import { processWide } from '../util/process-wide.js'
import { EventLoopDelay } from './event-loop-delay.js'
import { registryMetric } from './plugin-metric.js'
import type { NamedMetric, Sample } from './plugin-metric.js'

// One for the process, which has one event loop: what it counts must not depend on how many instances there are.
const delay = processWide('event-loop-delay', () => new EventLoopDelay())

/**
 * `nodejs_eventloop_active_seconds_total` and `nodejs_eventloop_delay_seconds`: how busy and how late the event loop
 * was. Both only grow, and no scrape or reset sets them back. Sampling begins with the first call and goes on.
 */
export function eventLoopMetrics ({ prefix = '', labels = {} }: RuntimeMetricsSettings): NamedMetric[] {
  delay.start()
  const given = { ...labels } as Sample['labels']
  const labelNames = Object.keys(given)
  const delaySeconds = `${prefix}nodejs_eventloop_delay_seconds`
  return [
    registryMetric({
      name: `${prefix}nodejs_eventloop_active_seconds_total`,
      help: 'Time in which the event loop was not waiting for events, in seconds',
      type: 'counter',
      labelNames,
      values: () => [{ labels: given, value: performance.eventLoopUtilization().active / 1000 }]
    }),
    registryMetric({
      name: delaySeconds,
      help: 'How late the event loop was, sampled every 20 ms, in seconds; a block is as many samples as it delays',
      type: 'histogram',
      labelNames,
      values: () => delaySamples(delaySeconds, given)
    })
  ]
}

function delaySamples (name: string, labels: Sample['labels']): Sample[] {
  let count = 0
  const buckets = delay.counts.map((added, i) => {
    count += added
    return { metricName: `${name}_bucket`, labels: { le: DELAY_BUCKETS[i] ?? '+Inf', ...labels }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: delay.sum },
    { metricName: `${name}_count`, labels, value: count }
  ]
}

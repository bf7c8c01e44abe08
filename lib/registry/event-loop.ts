import { performance } from 'node:perf_hooks'
import { DELAY_BUCKETS } from '../series/buckets.js'
import type { RuntimeMetricsSettings } from '../types/index.js'
import { processWide } from '../util/process-wide.js'
import { EventLoopDelay } from './event-loop-delay.js'
import { registryMetric } from './plugin-metric.js'
import type { NamedMetric, Sample } from './plugin-metric.js'

// One for the process, which has one event loop, so the counts do not depend on the number of plugin instances.
const delay = processWide('event-loop-delay', () => new EventLoopDelay())

/**
 * `nodejs_eventloop_active_seconds_total` and `nodejs_eventloop_delay_seconds`: how busy and how late the event loop
 * was. Both only increase: neither a scrape nor a reset sets them to 0. The first call starts the sampling.
 */
export function eventLoopMetrics (settings: RuntimeMetricsSettings): NamedMetric[] {
  delay.start()
  const { prefix = '' } = settings
  const labels = { ...settings.labels } as Sample['labels']
  const labelNames = Object.keys(labels)
  const delaySeconds = `${prefix}nodejs_eventloop_delay_seconds`
  return [
    registryMetric({
      name: `${prefix}nodejs_eventloop_active_seconds_total`,
      help: 'Time in which the event loop was not waiting for events, in seconds',
      type: 'counter',
      labelNames,
      values: () => [{ labels, value: performance.eventLoopUtilization().active / 1000 }]
    }),
    registryMetric({
      name: delaySeconds,
      help: 'How late the event loop was, sampled every 20 ms, in seconds; a block is as many samples as it delays',
      type: 'histogram',
      labelNames,
      values: () => delaySamples(delaySeconds, labels)
    })
  ]
}

function delaySamples (name: string, labels: Sample['labels']): Sample[] {
  let count = 0
  const buckets = delay.counts.map((bucketCount, i) => {
    count += bucketCount
    return { metricName: `${name}_bucket`, labels: { le: DELAY_BUCKETS[i] ?? '+Inf', ...labels }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: delay.sum },
    { metricName: `${name}_count`, labels, value: count }
  ]
}

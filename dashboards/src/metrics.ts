import Fastify from 'fastify'
import { DELAY_BUCKETS, DURATION_BUCKETS } from '../../lib/series/buckets.js'
import { dynoaiDefinitions } from '../../lib/dynoai/definitions.js'
import { resolveDefinitions } from '../../lib/business/resolve-definition.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { NamedMetric } from '../../lib/registry/plugin-metric.js'
import { recordedNames } from './objectives.js'

/** What queries may say about a metric. */
export interface KnownMetric {
  readonly name: string
  readonly type: string
  /** Label names with the values they can take; `[]` means any. */
  readonly labels: Readonly<Record<string, readonly string[]>>
  /** Bounds of a histogram, where queries may ask for one of them. */
  readonly buckets: readonly number[]
  /** A recorded series has lost its instance. */
  readonly recorded: boolean
}

const gauge = (name: string): KnownMetric => ({ name, type: 'gauge', labels: {}, buckets: [], recorded: false })

/** What Prometheus writes about every target by itself. */
const PROMETHEUS_METRICS = ['up', 'scrape_duration_seconds', 'scrape_samples_scraped'].map(gauge)

const RECORDED_METRICS = recordedNames.map(name => ({ ...gauge(name), recorded: true }))

/** Bounds of the histograms that no definition describes. */
const BUCKETS: Readonly<Record<string, readonly number[]>> = {
  dynoai_request_duration_seconds: DURATION_BUCKETS,
  nodejs_eventloop_delay_seconds: DELAY_BUCKETS
}

/** Everything that an instance of the plugin has, asked from one, so that no name here can be another than there. */
async function libMetrics (): Promise<KnownMetric[]> {
  const definitions = new Map(resolveDefinitions(dynoaiDefinitions, 'dynoai_', Infinity).map(definition => [definition.name, definition]))
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics, { metricPrefix: 'dynoai', enabled: true })
  const metrics = fastify.metrics.registry.getMetricsAsArray() as unknown as NamedMetric[]
  await fastify.close()
  return metrics.map(({ name, type, labelNames = [] }) => {
    const definition = definitions.get(name)
    const anyValue = Object.fromEntries(labelNames.map(label => [label, []]))
    const buckets = BUCKETS[name] ?? definition?.buckets ?? []
    return { ...gauge(name), type, labels: definition?.labels ?? anyValue, buckets }
  })
}

/** Every metric that a query may name. */
export const knownMetrics: ReadonlyMap<string, KnownMetric> = new Map(
  [...PROMETHEUS_METRICS, ...RECORDED_METRICS, ...await libMetrics()].map(metric => [metric.name, metric])
)

/**
 * The metric that a series belongs to: histograms have `_bucket`, `_sum` and `_count`.
 * @throws for a series that no metric has
 */
export function metricOf (series: string): KnownMetric {
  const own = knownMetrics.get(series)
  const metric = own ?? knownMetrics.get(series.replace(/_(bucket|sum|count)$/, ''))
  // A histogram has no series of its own name, and nothing else has any of another.
  if (metric === undefined || (metric.type === 'histogram') === (metric === own)) throw new Error(`No metric has the series ${series}`)
  return metric
}

/** Whether a series only grows, so that its value says nothing and its rate does. */
export function isCounter (series: string): boolean {
  return metricOf(series).type !== 'gauge'
}

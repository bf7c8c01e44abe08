import Fastify from 'fastify'
import { REFUSALS } from '../../examples/dynoai-api/analysis/refusals.js'
import { openRuns } from '../../examples/dynoai-api/jetstream/open-runs.js'
import { DELAY_BUCKETS, DURATION_BUCKETS } from '../../lib/series/buckets.js'
import { dynoaiDefinitions } from '../../lib/dynoai/definitions.js'
import { resolveDefinitions } from '../../lib/business/resolve-definition.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { NamedMetric } from '../../lib/registry/plugin-metric.js'
import { recordedNames } from './objectives.js'

/** A metric that queries may use. */
export interface KnownMetric {
  readonly name: string
  readonly type: string
  /** Label names with the possible values; `[]` means any value. */
  readonly labels: Readonly<Record<string, readonly string[]>>
  /** Bucket bounds of a histogram that queries may select. */
  readonly buckets: readonly number[]
  /** Whether a recording rule writes it. Such a series has no `instance` label, unless its name begins with it. */
  readonly isRecorded: boolean
}

const gauge = (name: string): KnownMetric => ({ name, type: 'gauge', labels: {}, buckets: [], isRecorded: false })

/** Series that Prometheus adds for every target. */
const PROMETHEUS_METRICS = ['up', 'scrape_duration_seconds', 'scrape_samples_scraped'].map(gauge)

// Not in a single process, so a running instance does not show it.
const WORKERS: KnownMetric = { ...gauge('dynoai_metrics_workers'), labels: { state: ['live', 'stale', 'gone'] } }

/** The number of a process among those that one scrape answers for. A single process has no such label. */
const WORKER_LABEL = { worker: [] }

/** The state of each alert, and since when it is active. Prometheus writes them like recording rules. */
const ALERT_LABELS = { alertname: [], severity: ['page', 'ticket'], job: [], instance: [] }
const ALERTS: readonly KnownMetric[] = [
  { ...gauge('ALERTS'), labels: { ...ALERT_LABELS, alertstate: ['pending', 'firing'] }, isRecorded: true },
  { ...gauge('ALERTS_FOR_STATE'), labels: ALERT_LABELS, isRecorded: true }
]

/** Metrics of the example's own. Other services do not have them. */
const EXAMPLE_METRICS = resolveDefinitions({ ...REFUSALS, ...openRuns(() => []) }, 'dynoai_', Infinity)
  .map(({ name, type, labels }): KnownMetric => ({ ...gauge(name), type, labels }))

const RECORDED_METRICS = recordedNames.map(name => ({ ...gauge(name), isRecorded: true }))

/** Bounds of the histograms that have no definition. */
const BUCKETS: Readonly<Record<string, readonly number[]>> = {
  dynoai_request_duration_seconds: DURATION_BUCKETS,
  nodejs_eventloop_delay_seconds: DELAY_BUCKETS
}

/**
 * All metrics of the plugin. They are read from a running instance, so the names here cannot differ from those in lib.
 */
async function readLibMetrics (): Promise<KnownMetric[]> {
  const resolved = resolveDefinitions(dynoaiDefinitions, 'dynoai_', Infinity)
  const definitions = new Map(resolved.map(definition => [definition.name, definition]))
  const fastify = Fastify()
  await fastify.register(dynoaiMetrics, { metricPrefix: 'dynoai', enabled: true })
  const metrics = fastify.metrics.registry.getMetricsAsArray() as unknown as NamedMetric[]
  await fastify.close()
  return metrics.map(({ name, type, labelNames = [] }) => {
    const definition = definitions.get(name)
    const anyValue = Object.fromEntries(labelNames.map(label => [label, []]))
    const buckets = BUCKETS[name] ?? definition?.buckets ?? []
    const labels = definition?.labels ?? { ...anyValue, ...isRuntime(name) && WORKER_LABEL }
    return { ...gauge(name), type, labels, buckets }
  })
}

const isRuntime = (name: string): boolean => /^(process|nodejs)_/.test(name)

/** Every metric that a query may use, by name. */
export const knownMetrics: ReadonlyMap<string, KnownMetric> = new Map(
  [...PROMETHEUS_METRICS, WORKERS, ...ALERTS, ...EXAMPLE_METRICS, ...RECORDED_METRICS, ...await readLibMetrics()]
    .map(metric => [metric.name, metric])
)

/**
 * Returns the metric of a series. A classic histogram has the series `_bucket`, `_sum` and `_count`. A native one has
 * the name of the metric; Prometheus can convert a classic one to it.
 * @throws if no metric has the series
 */
export function metricOf (series: string): KnownMetric {
  const sameName = knownMetrics.get(series)
  const metric = sameName ?? knownMetrics.get(series.replace(/_(bucket|sum|count)$/, ''))
  // A counter or gauge has one series, with the name of the metric.
  if (metric === undefined || (metric !== sameName && metric.type !== 'histogram')) {
    throw new Error(`No metric has the series ${series}`)
  }
  return metric
}

/** Whether a series is a native histogram: it has the name of a metric that is a histogram. */
export const isNativeHistogram = (series: string): boolean => knownMetrics.get(series)?.type === 'histogram'

/** Whether a series only increases, so queries must read its rate instead of its value. */
export function isCounter (series: string): boolean {
  return metricOf(series).type !== 'gauge'
}

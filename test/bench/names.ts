// The names of setups and clients. The tables print them, and the child processes receive them as arguments.

/** Fastify without metrics. */
export const BARE = 'bare'
export const DYNOAI_METRICS = 'dynoai-metrics'
export const FASTIFY_METRICS = 'fastify-metrics, defaults'
export const FASTIFY_METRICS_HISTOGRAM = 'fastify-metrics, histogram only'
export const PROM_CLIENT_HOOK = 'prom-client in a hook'

export const PROM_CLIENT = 'prom-client'
/** The successor of prom-client. */
export const PROMETHEUS_IO_CLIENT = '@prometheus-io/client'

/** dynoai-metrics that exposes a histogram of prom-client instead of its built-in request metrics. */
export const DYNOAI_WITH_PROM_CLIENT = "dynoai-metrics with prom-client's metrics"
/** dynoai-metrics with request series and business series. */
export const MIXED_SERIES = 'requests, counters and histograms'
/** dynoai-metrics with business series only. */
export const HISTOGRAM_SERIES = '20 histograms'

/** One scrape for several processes, with as many series in each. */
export const SEVERAL_PROCESSES = 'dynoai-metrics, 8 processes of 5,000 series'
/** prom-client's aggregation in the primary of a cluster. */
export const AGGREGATION = 'prom-client, aggregation of 8 workers of 5,000 series'
export const ONE_PROCESS = 'dynoai-metrics, one process of 5,000 series'
export const ONE_LARGE_PROCESS = 'dynoai-metrics, one process of 40,000 series'

/** The measured calls of business metrics. */
export const CALLS = {
  inc: 'counter: inc()',
  incDefaults: 'counter: inc(), 2 default labels',
  incListed: 'counter: inc({ 2 listed labels })',
  incValues: 'counter: inc({ 1 of 500 values, 1 listed })',
  incSliced: 'counter: the same, sliced from a URL',
  incBound: 'counter: bound inc()',
  set: 'gauge: set(v)',
  setListed: 'gauge: set({ 1 listed label }, v)',
  gaugeIncListed: 'gauge: inc({ 1 listed label })',
  observe: 'histogram: observe(v)',
  observeListed: 'histogram: observe({ 1 listed label }, v)',
  observeBound: 'histogram: bound observe(v)'
} as const

export type CallName = typeof CALLS[keyof typeof CALLS]

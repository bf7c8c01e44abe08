import type { FastifyMetrics } from 'dynoai-metrics'

/** Where the metrics of a service that listens at `origin` are; nothing when they are switched off. */
export function metricsAddress ({ enabled }: Pick<FastifyMetrics, 'enabled'>, origin: string, path: string): string | undefined {
  return enabled ? origin + path : undefined
}

/** Says where a service is and where its metrics are, for whoever starts it. */
export function describeAddresses (origin: string, metrics: string | undefined): string {
  return `listens at ${origin}, its metrics are ${metrics === undefined ? 'switched off' : `at ${metrics}`}`
}

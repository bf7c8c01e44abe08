import type { FastifyMetrics } from 'dynoai-metrics'

/** Where the metrics of a service that listens at `origin` are, which may have a listener of their own; nothing when they are switched off. */
export function metricsAddress ({ enabled, address }: Pick<FastifyMetrics, 'enabled' | 'address'>, origin: string, path: string): string | undefined {
  if (!enabled) return undefined
  if (address === null) return origin + path
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}${path}`
}

/** Says where a service is and where its metrics are, for whoever starts it. */
export function describeAddresses (origin: string, metrics: string | undefined): string {
  return `listens at ${origin}, its metrics are ${metrics === undefined ? 'switched off' : `at ${metrics}`}`
}

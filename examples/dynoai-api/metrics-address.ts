import type { FastifyMetrics } from 'dynoai-metrics'

/**
 * Returns the URL of the metrics of a service that listens at `origin`; `undefined` when metrics are disabled. The URL
 * has another port when metrics have a separate listener.
 */
export function metricsAddress (
  { enabled, address }: Pick<FastifyMetrics, 'enabled' | 'address'>,
  origin: string,
  path: string
): string | undefined {
  if (!enabled) return undefined
  if (address === null) return origin + path
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}${path}`
}

/** Describes where a service listens and where its metrics are. */
export function describeAddresses (origin: string, metrics: string | undefined): string {
  return `listens at ${origin}, its metrics are ${metrics === undefined ? 'switched off' : `at ${metrics}`}`
}

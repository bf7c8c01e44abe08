import type { DefaultMetricsCollectorConfiguration, RegistryContentType } from 'prom-client'

/** What this plugin needs of a metric in a registry. */
export interface RegistryMetric {
  get (): Promise<unknown>
  reset (): void
}

/** What this plugin needs of a registry: prom-client's Registry has it, and so has that of `@prometheus-io/client`. */
export interface MetricsRegistry {
  readonly contentType: string
  metrics (): Promise<string>
  getMetricsAsArray (): readonly unknown[]
  getSingleMetric (name: string): unknown
  registerMetric (metric: RegistryMetric): void
  setDefaultLabels (labels: object): void
}

/** Settings of the runtime metrics; see prom-client's `collectDefaultMetrics`. */
export type RuntimeMetricsSettings = Omit<DefaultMetricsCollectorConfiguration<RegistryContentType>, 'register'>

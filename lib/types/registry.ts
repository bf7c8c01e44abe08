import type { DefaultMetricsCollectorConfiguration, RegistryContentType } from 'prom-client'

/** The part of a registered metric that this plugin uses. */
export interface RegistryMetric {
  /** Returns the metric with its samples. */
  get (): Promise<unknown>
  /** Removes all series of the metric, or sets them to 0. */
  reset (): void
}

/** The part of a registry that this plugin uses. The registries of prom-client and `@prometheus-io/client` have it. */
export interface MetricsRegistry {
  /** The content type of `metrics()`. */
  readonly contentType: string
  /** Returns all metrics in the exposition format. */
  metrics (): Promise<string>
  /** Returns the registered metrics. */
  getMetricsAsArray (): readonly unknown[]
  /** Returns the metric with this name, `undefined` if there is none. */
  getSingleMetric (name: string): unknown
  /** Adds a metric. */
  registerMetric (metric: RegistryMetric): void
  /** Sets the labels that are added to every sample. */
  setDefaultLabels (labels: object): void
}

/** Settings of the runtime metrics; see prom-client's `collectDefaultMetrics`. */
export type RuntimeMetricsSettings = Omit<DefaultMetricsCollectorConfiguration<RegistryContentType>, 'register'>

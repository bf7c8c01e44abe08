import type { AnalysisLabels, FastifyMetrics } from './metrics.js'

// The types of a route's config begin with `object &`. Fastify infers the other properties of a config, and in such an
// intersection `true` or a string would be assignable to an object type whose properties are all optional.

/** `config.metrics` of a route that is measured. */
export interface RouteMetricsConfig {
  /**
   * Counts each request of the route as an analysis: a success if it is completed with a status below 400, an error
   * otherwise.
   */
  readonly analysis?: object & AnalysisLabels
  /**
   * The value of the label `path`, of at most 256 characters. Routes with the same path share their series.
   * @default the template of the route
   */
  readonly path?: string
  /** Values of labels that `requests.labels` declares, of at most 256 characters, in place of their functions. */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * `'headers'` for event streams and long polls: a request is counted and timed when the head of its response is
   * written, and is no longer in flight from then on. Later events do not change its request metrics, and its sizes are
   * not measured. Together with `analysis` it is an error. @default the end of the response
   */
  readonly until?: 'headers'
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The metrics of this instance: the handles of the business metrics, the registry, and functions. */
    metrics: FastifyMetrics
  }
  interface FastifyContextConfig {
    /** Settings of the route's request metrics. `false` leaves the route out. */
    metrics?: false | (object & RouteMetricsConfig)
  }
}

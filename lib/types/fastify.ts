import type { AnalysisLabels, FastifyMetrics } from './metrics.js'

// `object &` in a route's config: Fastify infers what else a config holds, and in such an intersection `true` or a string
// would pass as an object whose properties are all optional.

/** `config.metrics` of a route that is measured: what else it counts. */
export interface RouteMetricsConfig {
  /** Every request of the route is an analysis: success below 400, else or unfinished an error. */
  readonly analysis?: object & AnalysisLabels
  /** The `path` of its requests, of at most 256 characters; routes of one share their series. @default its template */
  readonly path?: string
  /** Values of labels that `requests.labels` declares, in place of their functions, of at most 256 characters. */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * `'headers'` for event streams and long polls: a request is counted and timed, and is no longer in flight, when the head of
   * its response is written. What follows changes none of its request metrics, and its sizes are not measured. Beside
   * `analysis` it is an error. @default the end of the response
   */
  readonly until?: 'headers'
}

declare module 'fastify' {
  interface FastifyInstance {
    metrics: FastifyMetrics
  }
  interface FastifyContextConfig {
    /** `false` leaves the route out of the request metrics. */
    metrics?: false | (object & RouteMetricsConfig)
  }
}

import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { MetricDefinitions } from './definitions.js'
import type { HandlesOf, LabelledRun } from './handles.js'

/** The business metrics on `fastify.metrics`. An application adds its metrics by augmenting this interface. */
export interface BusinessMetrics {} // dynoai/types.ts adds the metrics of DynoAI in the same way

/** The source of the log that is analysed. */
export type AnalysisSource = 'upload' | 'jetstream' | 'simulator'

/** The labels of an analysis: of `timeAnalysis`, and of `analysis` in the config of a route. */
export interface AnalysisLabels {
  /** The source of the log. @default 'upload' */
  readonly source?: AnalysisSource | undefined
}

/** A request: Fastify's, of any server and route, or Node's. */
export type FailedRequest = NodeRequest | { readonly raw: NodeRequest }

type NodeRequest = IncomingMessage | Http2ServerRequest

/** The type of `fastify.metrics`. */
export interface FastifyMetrics extends BusinessMetrics {
  /** The registry with all metrics of this instance. It is empty when the plugin is disabled. */
  readonly registry: Registry
  /** Whether the plugin is enabled. */
  readonly enabled: boolean
  /** The address of the endpoint's separate listener, once the application is ready; `null` without such a listener. */
  readonly address: AddressInfo | null
  /**
   * Calls `fn` as an analysis and returns its result. It observes `analysis_duration_seconds` and increments
   * `analysis_total`, with `status="error"` when `fn` throws or rejects. Until `fn` returns, throws or settles, the
   * analysis is counted in `active_analyses`.
   */
  readonly timeAnalysis: LabelledRun<AnalysisLabels>
  /**
   * Declares more business metrics, at any time and in any scope, and returns their handles. They are not added to
   * `fastify.metrics`. The same definition under the same key returns the same handles. A different definition throws,
   * and so does each definition that is an error in the option `metrics`.
   * @throws DYNOAI_METRICS_ERR_DEFINITION, DYNOAI_METRICS_ERR_NAME_TAKEN, DYNOAI_METRICS_ERR_LABEL_TAKEN
   */
  readonly define: <const D extends MetricDefinitions>(definitions: D) => HandlesOf<D>
  /**
   * Counts a request in `request_exceptions_total` if its status is 5xx. Use it when a framework on top of Fastify
   * handles errors itself, so they never reach `onError`. A request counts once, however many errors it has. It never
   * throws: a call after the end of the request, or with a value that is not a request, is a metric error in
   * `metrics_errors_total`. For a request that is not measured it does nothing.
   */
  readonly recordException: (request: FailedRequest, error: unknown) => void
}

import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { MetricDefinitions } from './definitions.js'
import type { HandlesOf, LabelledRun } from './handles.js'

/** Business metrics on `fastify.metrics`; an application adds its own by augmenting this interface. */
export interface BusinessMetrics {} // dynoai/types.ts adds those of DynoAI in that way, too

/** Where the log of an analysis comes from. */
export type AnalysisSource = 'upload' | 'jetstream' | 'simulator'

/** What `timeAnalysis` and a route's `analysis` take. */
export interface AnalysisLabels {
  /** @default 'upload' */
  readonly source?: AnalysisSource | undefined
}

/** Fastify's request, of any server and route, or Node's. */
export type FailedRequest = NodeRequest | { readonly raw: NodeRequest }

type NodeRequest = IncomingMessage | Http2ServerRequest

/** What `fastify.metrics` is. */
export interface FastifyMetrics extends BusinessMetrics {
  /** The registry that holds every metric of this instance; an empty one when disabled. */
  readonly registry: Registry
  /** Whether anything is measured. */
  readonly enabled: boolean
  /** Where the endpoint listens if it has a listener of its own, once the application is ready; else `null`. */
  readonly address: AddressInfo | null
  /**
   * Runs `fn` as an analysis and gives back what it gives: observes `analysis_duration_seconds` and increments
   * `analysis_total`, with `status="error"` when `fn` throws or rejects. Until then it is one of `active_analyses`.
   */
  readonly timeAnalysis: LabelledRun<AnalysisLabels>
  /**
   * Declares more business metrics, at any time and in any scope, and gives their handles, which are not added to
   * `fastify.metrics`. The same definition under the same key gives the same handles; another one is an error, as is all that is
   * one in the option `metrics`.
   */
  readonly define: <const D extends MetricDefinitions>(definitions: D) => HandlesOf<D>
  /**
   * Counts a request in `request_exceptions_total`, if it ends in 5xx: for an error that a framework on top of Fastify handles
   * itself, so that it never reaches `onError`. A request counts once, however many errors it has. It never throws. After the
   * end of the request, and for what is no request, it is an error in `metrics_errors_total`; for a request that is not
   * measured it does nothing.
   */
  readonly recordException: (request: FailedRequest, error: unknown) => void
}

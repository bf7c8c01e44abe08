import type { ServerOptions } from 'node:https'
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { FreeLabelValue, MetricDefinitions } from './definitions.js'
import type { MetricsRegistry, RuntimeMetricsSettings } from './registry.js'

/**
 * Returns the value of an application label for a request whose response has ended. The label is `''` if the function
 * throws or returns no value. It is called in the `AsyncLocalStorage` context that the hooks of the request have
 * opened.
 */
export type RequestLabel = (request: FastifyRequest, reply: FastifyReply) => FreeLabelValue | undefined

/**
 * The routes that are not counted: templates, patterns of templates, or a function of a template and a method. The
 * function is called once for each route and method. The method is `_OTHER` if the request matched no route and its
 * method is not one of RFC 9110 or RFC 5789.
 */
export type IgnoreRequests =
  string | RegExp | ReadonlyArray<string | RegExp> | ((path: string, method: string) => boolean)

/**
 * Returns whether a request is left out of the request metrics. It is called when the request arrives. If it throws or
 * returns a value that is not a boolean, such as a promise, the request is counted, and so is the metric error.
 */
export type SkipRequest = (request: FastifyRequest) => boolean

/** How requests are measured. */
export interface RequestOptions {
  /**
   * Upper bounds of `request_duration_seconds`, ascending, in seconds.
   * @default .005 … 10, see the table of metrics
   */
  readonly buckets?: readonly number[]
  /** Application labels on `request_duration_seconds`. They add at most `maxSeries` series. @default {} */
  readonly labels?: Readonly<Record<string, RequestLabel>>
  /** The routes that are not counted. Requests that match no route have the template `__unmatched__`. @default [] */
  readonly ignore?: IgnoreRequests
  /**
   * Leaves out single requests, for conditions that do not depend on the route. Their analyses and uploads are still
   * measured. @default none
   */
  readonly skip?: SkipRequest
  /** Whether the label `status` is a class such as `2xx` instead of a code. @default false */
  readonly groupStatus?: boolean
  /** Whether to measure `request_size_bytes` and `response_size_bytes`. @default false */
  readonly sizes?: boolean
}

/** Options of the endpoint's route: hooks before the handler, constraints, a schema, and others. */
export type EndpointRouteOptions =
  Omit<RouteShorthandOptions, 'handler' | 'exposeHeadRoute' | 'onSend' | 'preSerialization'>

/** How the endpoint is served, and who may read it. */
export interface EndpointOptions {
  /**
   * The token that a scraper must send as `Authorization: Bearer …`. An explicit `undefined` is an error if
   * METRICS_BEARER_TOKEN is unset, and so is an empty METRICS_BEARER_TOKEN.
   * @default METRICS_BEARER_TOKEN, otherwise none
   */
  readonly bearerToken?: string
  /**
   * The credentials that a scraper must send with HTTP basic authentication. If a token is set as well, either of the
   * two is accepted. @default none
   */
  readonly basicAuth?: { readonly username: string, readonly password: string }
  /**
   * A separate listener that serves the endpoint instead of the application's listener; `false` for none, also if the
   * variables are set. METRICS_HOST without a port is an error.
   * @default METRICS_HOST, otherwise 'localhost', and METRICS_PORT, if that is set
   */
  readonly listen?: false | {
    /** The host name or address to listen on. @default METRICS_HOST, otherwise 'localhost' */
    readonly host?: string
    /** The port to listen on; 0 for any free port. @default METRICS_PORT, otherwise an error */
    readonly port?: number
    /**
     * Options of Node's `https.createServer`, with a certificate. Options that Node rejects are an error at register.
     * @default none: the listener uses HTTP
     */
    readonly https?: Readonly<ServerOptions>
  }
  /** Options of the route, such as hooks and constraints. @default {} */
  readonly routeOptions?: EndpointRouteOptions
  /** Whether to compress responses for scrapers that accept gzip. @default true */
  readonly gzip?: boolean
  /** The maximum number of concurrent scrapes. Further scrapes get 503. @default 10 */
  readonly maxConcurrentScrapes?: number
  /**
   * Milliseconds that a scrape waits for a metric. Scrapes leave out a metric that takes longer, until it responds.
   * @default 5000
   */
  readonly collectTimeout?: number
}

/** Where several processes share their metrics, and how often each writes its own. */
export interface ProcessesOptions {
  /**
   * The directory that the processes share, without other files. It is created for this user alone. A directory that
   * exists must be owned by this user, and have no permissions for others. All processes with the same directory
   * answer scrapes together.
   * @default a directory below the system's temporary one in a worker of node:cluster, and none elsewhere
   */
  readonly directory?: string
  /**
   * Milliseconds between two writes, at least 100. What a process has counted since the last one is lost if it is
   * killed. @default 1000
   */
  readonly interval?: number
}

/** The options of the plugin. A wrong value and an unknown name are errors at register. */
export interface DynoaiMetricsOptions {
  /**
   * Whether to measure. `false` adds no hook and no route and collects nothing; calls of `fastify.metrics` do nothing.
   * @default METRICS_ENABLED, otherwise true
   */
  readonly enabled?: boolean
  /** The URL path of the endpoint, after the scope's prefix. @default METRICS_PATH, otherwise '/metrics' */
  readonly path?: string
  /**
   * The prefix of metric names, which are `${metricPrefix}_…`; `''` for none. A prefix that ends in `_` is an error.
   * @default 'dynoai'
   */
  readonly metricPrefix?: string
  /**
   * Labels of `app_info`, of at most 256 characters each, merged over the default.
   * @default { version } from npm_package_version; else from the first package.json with a version, searched upward
   * from the main script (from the working directory, if that script is in node_modules); else 'unknown'
   */
  readonly appInfo?: Readonly<Record<string, string>>
  /** The registry of the metrics. Runtime metrics that it already has are kept. @default a new Registry */
  readonly registry?: MetricsRegistry
  /**
   * Labels on every sample, of at most 256 characters. The name of a label that a metric already has is an error.
   * @default {}
   */
  readonly defaultLabels?: Readonly<Record<string, string>>
  /** `process_*` and `nodejs_*`: `false`, or settings for prom-client's `collectDefaultMetrics`. @default true */
  readonly runtimeMetrics?: boolean | RuntimeMetricsSettings
  /**
   * Whether to add DynoAI's business metrics and the tracking of analyses. Does not affect `uploads`.
   * @default true
   */
  readonly dynoai?: boolean
  /** The business metrics of the application. @default {} */
  readonly metrics?: MetricDefinitions
  /**
   * The maximum number of series per business metric. It also limits the request series that application labels add
   * beyond the first of each method, path and status, over all routes. Further values go to overflow series.
   * @default 2000
   */
  readonly maxSeries?: number
  /** How requests are measured; `false` leaves out the request metrics. @default {} */
  readonly requests?: false | RequestOptions
  /**
   * Whether to measure files received through `@fastify/multipart`. They are also measured with `dynoai: false`, unless
   * a metric in `metrics` has the property `fileUploadBytes` or the name of the built-in metric. Then that metric is
   * kept, the built-in one is left out, and no upload is observed. @default true
   */
  readonly uploads?: boolean
  /** How the endpoint is served; `false` for none. @default {} */
  readonly endpoint?: false | EndpointOptions
  /**
   * Whether a scrape of one process contains the metrics of all processes of a service. `'auto'` does so in the workers
   * of node:cluster, and so under PM2 in cluster mode. Elsewhere a directory is needed, and `true` is an error.
   * @default METRICS_PROCESSES, otherwise 'auto'
   */
  readonly processes?: 'auto' | boolean | ProcessesOptions
}

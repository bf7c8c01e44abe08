import type { ServerOptions } from 'node:https'
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { FreeLabelValue, MetricDefinitions } from './definitions.js'
import type { MetricsRegistry, RuntimeMetricsSettings } from './registry.js'

/**
 * A label of the application's own: its value for a request whose response is done; `''` when it throws or has none. It runs
 * in the `AsyncLocalStorage` context that the hooks of its request have opened.
 */
export type RequestLabel = (request: FastifyRequest, reply: FastifyReply) => FreeLabelValue | undefined

/**
 * What leaves routes out: templates, patterns of templates, or a function of a template and a method, called once for each
 * route and method. The method is `_OTHER` for one that is not of RFC 9110 or 5789 and matched no route.
 */
export type IgnoreRequests = string | RegExp | ReadonlyArray<string | RegExp> | ((path: string, method: string) => boolean)

/**
 * Whether one request is left out of the request metrics, asked when it arrives. The request is counted, and the failure too, when
 * it throws or gives anything but a boolean, such as a promise.
 */
export type SkipRequest = (request: FastifyRequest) => boolean

/** How requests are measured. */
export interface RequestOptions {
  /** Upper bounds of `request_duration_seconds`, ascending, in seconds. @default .005 … 10, as the table of metrics says */
  readonly buckets?: readonly number[]
  /** Own labels on `request_duration_seconds`; they make at most `maxSeries` more series. @default {} */
  readonly labels?: Readonly<Record<string, RequestLabel>>
  /** Routes that are not counted; what matched no route has the template `__unmatched__`. @default [] */
  readonly ignore?: IgnoreRequests
  /** Which requests are not counted, for what a route does not tell; analyses and uploads still are. @default none */
  readonly skip?: SkipRequest
  /** Whether every `status` is a class, `2xx`, in place of a code. @default false */
  readonly groupStatus?: boolean
  /** Whether `request_size_bytes` and `response_size_bytes` are measured. @default false */
  readonly sizes?: boolean
}

/** What an application may say of the route of the endpoint: hooks before the handler, constraints, a schema, and the like. */
export type EndpointRouteOptions = Omit<RouteShorthandOptions, 'handler' | 'exposeHeadRoute' | 'onSend' | 'preSerialization'>

/** How the endpoint is served and who may read it. */
export interface EndpointOptions {
  /** What a scraper must send as `Authorization: Bearer …`; given as `undefined`, an error. @default METRICS_BEARER_TOKEN, else none */
  readonly bearerToken?: string
  /** What a scraper must send with HTTP's basic authentication; beside a token either will do. @default none */
  readonly basicAuth?: { readonly username: string, readonly password: string }
  /**
   * A listener of its own, on which the endpoint stands in place of the application's; `false` for none.
   * @default METRICS_HOST, else 'localhost', and METRICS_PORT, where that is set
   */
  readonly listen?: false | {
    /** @default METRICS_HOST, else 'localhost' */
    readonly host?: string
    /** 0 for any that is free. @default METRICS_PORT, else an error */
    readonly port?: number
    /**
     * Options of Node's `https.createServer`, with a certificate; what Node does not take is an error at register.
     * @default none, and it answers by HTTP
     */
    readonly https?: Readonly<ServerOptions>
  }
  /** Options of the route, such as hooks and constraints. @default {} */
  readonly routeOptions?: EndpointRouteOptions
  /** Whether to compress for a scraper that accepts gzip. @default true */
  readonly gzip?: boolean
  /** Scrapes answered at a time; one more gets 503. @default 10 */
  readonly maxConcurrentScrapes?: number
  /** Milliseconds that a metric is waited for; scrapes leave out one that takes longer, until it answers. @default 5000 */
  readonly collectTimeout?: number
}

/** The options of the plugin; a wrong value and an unknown name are errors at register. */
export interface DynoaiMetricsOptions {
  /** Off: no hook, no route, nothing collected, and `fastify.metrics` does nothing. @default METRICS_ENABLED, else true */
  readonly enabled?: boolean
  /** URL path of the endpoint, after the prefix of the scope. @default METRICS_PATH, else '/metrics' */
  readonly path?: string
  /** Metric names are `${metricPrefix}_…`; `''` for none; one that ends in `_` is an error. @default 'dynoai' */
  readonly metricPrefix?: string
  /**
   * Labels of `app_info`, of at most 256 characters each, merged over the default.
   * @default { version } of npm_package_version, else of the first package.json that has one, from the main script upward
   * (from the working directory, where that script is in node_modules), else 'unknown'
   */
  readonly appInfo?: Readonly<Record<string, string>>
  /** Where the metrics are registered; runtime metrics already in it are kept. @default a new Registry */
  readonly registry?: MetricsRegistry
  /** Labels on every sample, of at most 256 characters; a name that a metric uses already is an error. @default {} */
  readonly defaultLabels?: Readonly<Record<string, string>>
  /** `process_*` and `nodejs_*`: `false`, or settings for prom-client's `collectDefaultMetrics`. @default true */
  readonly runtimeMetrics?: boolean | RuntimeMetricsSettings
  /** `false` leaves out the DynoAI business metrics and their tracking, but not what `uploads` measures. @default true */
  readonly dynoai?: boolean
  /** The application's own business metrics. @default {} */
  readonly metrics?: MetricDefinitions
  /**
   * Series per business metric, and request series beyond the first of each method, path and status that the
   * application's own request labels make, all routes together; beyond it values land in overflow series. @default 2000
   */
  readonly maxSeries?: number
  /** How requests are measured; `false` leaves out the request metrics. @default {} */
  readonly requests?: false | RequestOptions
  /**
   * Measure files received through `@fastify/multipart`, also with `dynoai: false`. If a metric in `metrics` then has the
   * property `fileUploadBytes` or the name of ours, it stays, ours is left out, and nothing is observed into it.
   * @default true
   */
  readonly uploads?: boolean
  /** How the endpoint is served; `false` for none. @default {} */
  readonly endpoint?: false | EndpointOptions
}

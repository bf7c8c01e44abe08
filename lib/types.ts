import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import type { Counter, DefaultMetricsCollectorConfiguration, Gauge, Histogram, Registry, RegistryContentType } from 'prom-client'
import type { dynoaiDefinitions } from './dynoai/definitions.js'

/** A value of a label that takes any string: turned into one with `String()`, it overflows beyond 256 characters. */
export type FreeLabelValue = string | number | boolean

interface DefinitionBase {
  /** The text of `# HELP`. */
  readonly help: string
  /** The full name of the metric. @default the key in snake_case after the prefix */
  readonly name?: string
  /** Label names with the values they can take, of at most 256 characters; `[]` means any string. @default {} */
  readonly labels?: Readonly<Record<string, readonly string[]>>
  /** The value of a label that is left out, of at most 256 characters; a label without one is required. @default {} */
  readonly defaults?: Readonly<Record<string, string>>
}

/** A count that only grows; its name ends in `_total`. */
export interface CounterDefinition extends DefinitionBase {
  readonly type: 'counter'
}

/** A value that goes up and down. */
export interface GaugeDefinition extends DefinitionBase {
  readonly type: 'gauge'
  /** Read at every scrape in place of `set`; only for a gauge without labels. */
  readonly collect?: () => number | Promise<number>
}

/** A distribution of observed values. */
export interface HistogramDefinition extends DefinitionBase {
  readonly type: 'histogram'
  /** Upper bounds, ascending and not negative, in the unit of the metric. @default prom-client's, from 5 ms to 10 s */
  readonly buckets?: readonly number[]
}

/** One business metric as data. */
export type MetricDefinition = CounterDefinition | GaugeDefinition | HistogramDefinition

/** Business metrics as data; a key is the property on `fastify.metrics`. */
export type MetricDefinitions = Readonly<Record<string, MetricDefinition>>

type LabelValue<Values> = Values extends readonly (infer Value)[]
  ? [Value] extends [never] ? FreeLabelValue : string extends Value ? FreeLabelValue : Value
  : never

type DeclaredLabels<D> = D extends { readonly labels: infer L extends Readonly<Record<string, readonly string[]>> } ? L : {}
type DefaultedNames<D> = D extends { readonly defaults: infer V } ? keyof V : never
type RequiredLabels<D> = { readonly [N in Exclude<keyof DeclaredLabels<D>, DefaultedNames<D>>]: LabelValue<DeclaredLabels<D>[N]> }
type OptionalLabels<D> = { readonly [N in Extract<keyof DeclaredLabels<D>, DefaultedNames<D>>]?: LabelValue<DeclaredLabels<D>[N]> | undefined }

/** The labels object that a call takes, as a definition declares it; a label with a default is optional. */
export type LabelsOf<D> = keyof DeclaredLabels<D> extends never
  ? Record<string, never>
  // `infer` rather than a named helper, so that editors and errors show the labels and no helper around them.
  : RequiredLabels<D> & OptionalLabels<D> extends infer L ? { [N in keyof L]: L[N] } : never

/** A function that takes `A`, after a labels object that can be left out when no label is required. */
export type LabelledCall<L, A extends readonly unknown[], R = void> = {} extends L
  ? { (...args: A): R, (labels: L, ...args: A): R }
  : (labels: L, ...args: A) => R

/**
 * A function that runs `fn` once, however wrong the labels are, and gives back what it gives, after a labels object as
 * in {@link LabelledCall}. Of a thenable that is no promise it gives a promise of the same.
 */
export type LabelledRun<L> = {} extends L
  ? { <T>(fn: () => T): T, <T>(labels: L, fn: () => T): T }
  : <T>(labels: L, fn: () => T) => T

/** Ends a timer: observes the seconds since its start, with labels that replace those of the start, and returns them. */
export type EndTimer<L> = (labels?: Partial<L>) => number

/** A counter with its labels bound. */
export interface BoundCounter {
  /** Adds `value`. @default 1 */
  inc (value?: number): void
}

/** A gauge with its labels bound. */
export interface BoundGauge {
  set (value: number): void
  /** Adds `value`. @default 1 */
  inc (value?: number): void
  /** Subtracts `value`. @default 1 */
  dec (value?: number): void
}

/** A histogram with its labels bound. */
export interface BoundHistogram {
  /** Observes `value`; one below 0 is a mistake. */
  observe (value: number): void
  /** Starts a timer; the function it returns observes the seconds since and returns them. */
  startTimer (): () => number
  /** Runs `fn`, observes the seconds until it returns, throws or settles, and gives back what it gives. */
  time<T> (fn: () => T): T
}

/** A counter on `fastify.metrics`; no call ever throws. */
export interface CounterHandle<L> {
  /** Adds `value`. @default 1 */
  readonly inc: LabelledCall<L, [value?: number]>
  labels (labels: L): BoundCounter
  /** The prom-client object beneath; its `remove()` and `reset()` free places under `maxSeries`. */
  readonly metric: Counter
}

/** A gauge on `fastify.metrics`; no call ever throws. */
export interface GaugeHandle<L> {
  readonly set: LabelledCall<L, [value: number]>
  /** Adds `value`. @default 1 */
  readonly inc: LabelledCall<L, [value?: number]>
  /** Subtracts `value`. @default 1 */
  readonly dec: LabelledCall<L, [value?: number]>
  labels (labels: L): BoundGauge
  /** The prom-client object beneath; its `remove()` and `reset()` free places under `maxSeries`. */
  readonly metric: Gauge
}

/** A histogram on `fastify.metrics`; no call ever throws, but `time` lets through what its function throws. */
export interface HistogramHandle<L> {
  /** Observes `value`; one below 0 is a mistake. */
  readonly observe: LabelledCall<L, [value: number]>
  /** Starts a timer; the function it returns observes the seconds since and returns them. */
  readonly startTimer: LabelledCall<L, [], EndTimer<L>>
  /** Runs `fn`, observes the seconds until it returns, throws or settles, and gives back what it gives. */
  readonly time: LabelledRun<L>
  labels (labels: L): BoundHistogram
  /** The prom-client object beneath; its `remove()` and `reset()` free places under `maxSeries`. */
  readonly metric: Histogram
}

/** The handle that a definition gives. */
export type HandleOf<D> =
  D extends { readonly type: 'counter' } ? CounterHandle<LabelsOf<D>>
    : D extends { readonly type: 'gauge' } ? GaugeHandle<LabelsOf<D>>
      : D extends { readonly type: 'histogram' } ? HistogramHandle<LabelsOf<D>>
        : never

/** The handles that definitions give, one property each. */
export type HandlesOf<D extends MetricDefinitions> = { readonly [K in keyof D]: HandleOf<D[K]> }

/** Business metrics on `fastify.metrics`; an application adds its own by augmenting this interface. */
export interface BusinessMetrics extends HandlesOf<typeof dynoaiDefinitions> {}

/** Where the log of an analysis comes from. */
export type AnalysisSource = NonNullable<LabelsOf<typeof dynoaiDefinitions.analysisTotal>['source']>

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
   * `analysis_total`, with `status="error"` when `fn` throws or rejects.
   */
  readonly timeAnalysis: LabelledRun<AnalysisLabels>
  /**
   * Counts a request in `request_exceptions_total`, if it ends in 5xx: for an error that a framework on top of Fastify handles
   * itself, so that it never reaches `onError`. A request counts once, however many errors it has. It never throws. After the
   * end of the request, and for what is no request, it is an error in `metrics_errors_total`; for a request that is not
   * measured it does nothing.
   */
  readonly recordException: (request: FailedRequest, error: unknown) => void
}

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
  /** `false` leaves out the DynoAI business metrics and their tracking. @default true */
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
  /** Measure files received through `@fastify/multipart`. @default true */
  readonly uploads?: boolean
  /** How the endpoint is served; `false` for none. @default {} */
  readonly endpoint?: false | EndpointOptions
}

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

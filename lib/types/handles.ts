import type { LabelsOf, MetricDefinitions } from './definitions.js'

/**
 * A function that accepts the arguments `A`, after a labels object. The labels object is optional if no label is
 * required.
 */
export type LabelledCall<L, A extends readonly unknown[], R = void> = {} extends L
  ? { (...args: A): R, (labels: L, ...args: A): R }
  : (labels: L, ...args: A) => R

/**
 * A function that calls `fn` once, even if the labels are wrong, and returns its result. It accepts a labels object
 * before `fn`, as in {@link LabelledCall}. For a thenable that is not a promise it returns a promise.
 */
export type LabelledRun<L> = {} extends L
  ? { <T>(fn: () => T): T, <T>(labels: L, fn: () => T): T }
  : <T>(labels: L, fn: () => T) => T

/** Observes the seconds since the timer was started and returns them. Its labels replace those of the start. */
export type EndTimer<L> = (labels?: Partial<L>) => number

/** One sample of a metric, as prom-client's `get()` returns it. */
export interface MetricSample {
  /** The label values by label name; `le` of a bucket is a number or `'+Inf'`. */
  readonly labels: Readonly<Record<string, string | number>>
  /** The value, in the unit of the metric. */
  readonly value: number
  /** The name of the sample, if it differs from the name of the metric: `…_bucket`, `…_sum` or `…_count`. */
  readonly metricName?: string
}

/** A metric with its samples, as prom-client's `get()` returns it. */
export interface MetricSamples {
  /** The full name of the metric, with its prefix. */
  readonly name: string
  /** The text of the metric's `# HELP` line. */
  readonly help: string
  /** The type of the metric. */
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How prom-client aggregates the samples of several processes. */
  readonly aggregator: string
  /** All samples of the metric. */
  readonly values: readonly MetricSample[]
}

/** The metric of a handle, as it is in the registry. It reads and removes series; the handle writes them. */
export interface HandleMetric extends Omit<MetricSamples, 'values'> {
  /** The names of the labels, in the order of the definition. */
  readonly labelNames: readonly string[]
  /** Returns the metric with its samples. */
  get (): Promise<MetricSamples>
  /** Removes all series. Series with only listed values are set to 0 instead. */
  reset (): void
  /**
   * Removes one series. It accepts a labels object, or the label values in the order of the definition. A series with
   * only listed values is set to 0 instead.
   * @throws DYNOAI_METRICS_ERR_CALL for labels that the metric does not have
   */
  remove (...labels: readonly unknown[]): void
}

/** A counter with bound labels. */
export interface BoundCounter {
  /** Adds `value`, at least 0. @default 1 */
  inc (value?: number): void
}

/** A gauge with bound labels. */
export interface BoundGauge {
  /** Sets the value. */
  set (value: number): void
  /** Adds `value`. @default 1 */
  inc (value?: number): void
  /** Subtracts `value`. @default 1 */
  dec (value?: number): void
}

/** A histogram with bound labels. */
export interface BoundHistogram {
  /** Observes `value`. A value below 0 is a metric error. */
  observe (value: number): void
  /** Starts a timer. The returned function observes the seconds since then and returns them. */
  startTimer (): () => number
  /** Calls `fn`, observes the seconds until it returns, throws or settles, and returns its result. */
  time<T> (fn: () => T): T
}

/** What all handles have in common. `L` is the labels object of a call, `Bound` the handle with bound labels. */
export interface MetricHandle<L, Bound> {
  /** Returns a handle with bound labels, which looks up its series only once. */
  labels (labels: L): Bound
  /**
   * Removes the series with these labels and frees its slot under `maxSeries`. A series with only listed values is set
   * to 0 instead.
   */
  readonly remove: LabelledCall<L, []>
  /** The metric as it is in the registry. */
  readonly metric: HandleMetric
}

/** A counter on `fastify.metrics`. Its methods never throw. */
export interface CounterHandle<L> extends MetricHandle<L, BoundCounter> {
  /** Adds `value`, at least 0. @default 1 */
  readonly inc: LabelledCall<L, [value?: number]>
}

/** A gauge on `fastify.metrics`. Its methods never throw. */
export interface GaugeHandle<L> extends MetricHandle<L, BoundGauge> {
  /** Sets the value. */
  readonly set: LabelledCall<L, [value: number]>
  /** Adds `value`. @default 1 */
  readonly inc: LabelledCall<L, [value?: number]>
  /** Subtracts `value`. @default 1 */
  readonly dec: LabelledCall<L, [value?: number]>
}

/** A histogram on `fastify.metrics`. Its methods never throw, except that `time` rethrows errors of its function. */
export interface HistogramHandle<L> extends MetricHandle<L, BoundHistogram> {
  /** Observes `value`. A value below 0 is a metric error. */
  readonly observe: LabelledCall<L, [value: number]>
  /** Starts a timer. The returned function observes the seconds since then and returns them. */
  readonly startTimer: LabelledCall<L, [], EndTimer<L>>
  /** Calls `fn`, observes the seconds until it returns, throws or settles, and returns its result. */
  readonly time: LabelledRun<L>
}

/** The type of the handle for a definition. */
export type HandleOf<D> =
  D extends { readonly type: 'counter' } ? CounterHandle<LabelsOf<D>>
    : D extends { readonly type: 'gauge' } ? GaugeHandle<LabelsOf<D>>
      : D extends { readonly type: 'histogram' } ? HistogramHandle<LabelsOf<D>>
        : never

/** The handles for definitions, by the same keys. */
export type HandlesOf<D extends MetricDefinitions> = { readonly [K in keyof D]: HandleOf<D[K]> }

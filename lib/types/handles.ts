import type { LabelsOf, MetricDefinitions } from './definitions.js'

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

/** One sample of a metric, as prom-client's `get()` gives it. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** The sample's name where it is not the metric's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string
}

/** A metric with its samples. */
export interface MetricSamples {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How prom-client adds up the samples of several processes. */
  readonly aggregator: string
  readonly values: readonly MetricSample[]
}

/** A metric as a prom-client registry holds it, which reads and ends its series; they are written by the handle. */
export interface HandleMetric extends Omit<MetricSamples, 'values'> {
  readonly labelNames: readonly string[]
  get (): Promise<MetricSamples>
  /** Ends all series; those with only listed values go to 0. */
  reset (): void
  /**
   * Ends a series, given by its labels or by their values in the order of the definition; one with only listed values goes to 0.
   * It throws for labels that the metric does not have.
   */
  remove (...labels: readonly unknown[]): void
}

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

/** What all handles have; `L` are the labels of a call, `Bound` is the handle with its labels bound. */
export interface MetricHandle<L, Bound> {
  /** Binds labels: their series is looked up once. */
  labels (labels: L): Bound
  /** Ends the series of these labels, which frees its place under `maxSeries`; one with only listed values goes to 0. */
  readonly remove: LabelledCall<L, []>
  readonly metric: HandleMetric
}

/** A counter on `fastify.metrics`; no call ever throws. */
export interface CounterHandle<L> extends MetricHandle<L, BoundCounter> {
  /** Adds `value`. @default 1 */
  readonly inc: LabelledCall<L, [value?: number]>
}

/** A gauge on `fastify.metrics`; no call ever throws. */
export interface GaugeHandle<L> extends MetricHandle<L, BoundGauge> {
  readonly set: LabelledCall<L, [value: number]>
  /** Adds `value`. @default 1 */
  readonly inc: LabelledCall<L, [value?: number]>
  /** Subtracts `value`. @default 1 */
  readonly dec: LabelledCall<L, [value?: number]>
}

/** A histogram on `fastify.metrics`; no call ever throws, but `time` lets through what its function throws. */
export interface HistogramHandle<L> extends MetricHandle<L, BoundHistogram> {
  /** Observes `value`; one below 0 is a mistake. */
  readonly observe: LabelledCall<L, [value: number]>
  /** Starts a timer; the function it returns observes the seconds since and returns them. */
  readonly startTimer: LabelledCall<L, [], EndTimer<L>>
  /** Runs `fn`, observes the seconds until it returns, throws or settles, and gives back what it gives. */
  readonly time: LabelledRun<L>
}

/** The handle that a definition gives. */
export type HandleOf<D> =
  D extends { readonly type: 'counter' } ? CounterHandle<LabelsOf<D>>
    : D extends { readonly type: 'gauge' } ? GaugeHandle<LabelsOf<D>>
      : D extends { readonly type: 'histogram' } ? HistogramHandle<LabelsOf<D>>
        : never

/** The handles that definitions give, one property each. */
export type HandlesOf<D extends MetricDefinitions> = { readonly [K in keyof D]: HandleOf<D[K]> }

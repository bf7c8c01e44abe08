/**
 * A value of a label that accepts any string. Numbers and booleans are converted with `String()`. A value longer than
 * 256 characters is counted in the overflow series.
 */
export type FreeLabelValue = string | number | boolean

interface DefinitionBase {
  /** The text of the metric's `# HELP` line. */
  readonly help: string
  /** The full name of the metric. @default the key in snake_case, after the prefix */
  readonly name?: string
  /**
   * The names of the labels, each with the values that it can have, of at most 256 characters. `[]` accepts any string.
   * @default {}
   */
  readonly labels?: Readonly<Record<string, readonly string[]>>
  /**
   * The values of labels that a call leaves out, of at most 256 characters. A label without a default is required.
   * @default {}
   */
  readonly defaults?: Readonly<Record<string, string>>
  /**
   * Seconds, above 0, after which a series is removed if nothing was written to it. It is removed only after a scrape
   * has shown its last value; a series of a gauge that `inc` or `dec` has changed is removed only at 0. A series with
   * only listed values is set to 0 instead. With `collect` it is an error. @default never
   */
  readonly expireAfter?: number
}

/** A counter: a value that only increases. Its name ends in `_total`. */
export interface CounterDefinition extends DefinitionBase {
  readonly type: 'counter'
}

/** One series of a gauge with `collect`: its labels and its value. */
export interface CollectedRow {
  /** The labels of the series. A label with a default can be left out. */
  readonly labels?: Readonly<Record<string, FreeLabelValue | undefined>>
  /** A finite number, in the unit of the metric. */
  readonly value: number
}

/** The return value of `collect`: a number for a gauge without labels, a row for each series otherwise. */
export type CollectedValue = number | readonly CollectedRow[]

/**
 * How the values that several processes have for one series become one value. `first` is the value of the process with
 * the lowest number, and `omit` leaves the gauge out.
 */
export type GaugeAggregator = 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit'

/** A gauge: a value that increases and decreases. */
export interface GaugeDefinition extends DefinitionBase {
  readonly type: 'gauge'
  /**
   * Returns the values of the gauge. It is called at every scrape, and replaces `set`, `inc` and `dec`. The gauge has
   * only the returned series in that scrape.
   */
  readonly collect?: () => CollectedValue | Promise<CollectedValue>
  /** How the values of several processes become one, in one scrape for all processes. @default 'sum' */
  readonly aggregator?: GaugeAggregator
}

/** A histogram: the distribution of observed values. */
export interface HistogramDefinition extends DefinitionBase {
  readonly type: 'histogram'
  /** Upper bounds, ascending and not negative, in the unit of the metric. @default prom-client's, from 5 ms to 10 s */
  readonly buckets?: readonly number[]
}

/** The definition of one business metric. */
export type MetricDefinition = CounterDefinition | GaugeDefinition | HistogramDefinition

/** Definitions of business metrics. Each key is the name of a property on `fastify.metrics`. */
export type MetricDefinitions = Readonly<Record<string, MetricDefinition>>

type LabelValue<Values> = Values extends readonly (infer Value)[]
  ? [Value] extends [never] ? FreeLabelValue : string extends Value ? FreeLabelValue : Value
  : never

type DeclaredLabels<D> =
  D extends { readonly labels: infer L extends Readonly<Record<string, readonly string[]>> } ? L : {}
type DefaultedNames<D> = D extends { readonly defaults: infer V } ? keyof V : never
type RequiredLabels<D> = {
  readonly [N in Exclude<keyof DeclaredLabels<D>, DefaultedNames<D>>]: LabelValue<DeclaredLabels<D>[N]>
}
type OptionalLabels<D> = {
  readonly [N in Extract<keyof DeclaredLabels<D>, DefaultedNames<D>>]?: LabelValue<DeclaredLabels<D>[N]> | undefined
}

/** The labels object that a call accepts, derived from a definition. A label with a default is optional. */
export type LabelsOf<D> = keyof DeclaredLabels<D> extends never
  ? Record<string, never>
  // `infer` instead of a named helper, so editors and errors show the labels without a helper type around them.
  : RequiredLabels<D> & OptionalLabels<D> extends infer L ? { [N in keyof L]: L[N] } : never

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
  /**
   * Seconds, above 0, after which a series ends that nothing was written to, once a scrape has shown its last value; a gauge that
   * is counted up and down ends only at 0. A series with only listed values goes to 0 in place of ending. @default never
   */
  readonly expireAfter?: number
}

/** A count that only grows; its name ends in `_total`. */
export interface CounterDefinition extends DefinitionBase {
  readonly type: 'counter'
}

/** The value of one series of a gauge. */
export interface CollectedRow {
  readonly labels?: Readonly<Record<string, FreeLabelValue | undefined>>
  readonly value: number
}

/** What the function of a gauge gives. */
export type CollectedValue = number | readonly CollectedRow[]

/** A value that goes up and down. */
export interface GaugeDefinition extends DefinitionBase {
  readonly type: 'gauge'
  /**
   * Read at every scrape in place of `set`, `inc` and `dec`: a number, or with labels a row for each series. What it gives is all
   * that the gauge has in that scrape.
   */
  readonly collect?: () => CollectedValue | Promise<CollectedValue>
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

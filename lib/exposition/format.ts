/** The description of a family, without its samples. */
export interface FamilyHead {
  readonly name: string
  readonly help: string
  readonly type: string
}

/** An exemplar: the labels, value and time of one of the events that a sample counts. */
export interface Exemplar {
  readonly labelSet?: Readonly<Record<string, unknown>>
  readonly value: number
  /** In seconds since 1970. */
  readonly timestamp?: number
}

/** One sample of a family. */
export interface Row {
  readonly labels?: Readonly<Record<string, unknown>>
  readonly value: number
  /** The name of the sample, if it differs from the name of the family. */
  readonly metricName?: string | undefined
  readonly exemplar?: Exemplar | undefined
}

/** The parts in which one text format of exposition differs from the others. */
export interface Format {
  readonly contentType: string
  /** The lines before the samples of a family. `usedNames` are the names of all families and samples. */
  head (family: FamilyHead, usedNames: Pick<ReadonlySet<string>, 'has'>): string
  /** The bound of a bucket, or a quantile, as the value of its label. */
  bound (value: number): string
  /** Whether the samples of a family may have exemplars. `usedNames` as for `head`. */
  mayHaveExemplars (family: FamilyHead, usedNames: Pick<ReadonlySet<string>, 'has'>): boolean
  /** The text of an exemplar, which follows the value of its sample. */
  exemplar (sampleName: string, exemplar: Exemplar): string
  /** The end of the exposition. */
  readonly end: string
}

/** Formats a number for both text formats. */
export function formatNumber (value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

/** Escapes the value of a label for both text formats. */
export function escapeLabelValue (value: string): string {
  return /["\\\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value
}

/** What a family is, before its samples. */
export interface FamilyHead {
  readonly name: string
  readonly help: string
  readonly type: string
}

/** The labels, value and time of an example of what a sample counts. */
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
  /** The sample's name where it is not the family's. */
  readonly metricName?: string | undefined
  readonly exemplar?: Exemplar | undefined
}

/** A format of exposition: what sets it apart from the others. */
export interface Format {
  readonly contentType: string
  /** The lines before the samples of a family; `taken` are all names of families and samples of the exposition. */
  head (family: FamilyHead, usedNames: Pick<ReadonlySet<string>, 'has'>): string
  /** A bound of a bucket or a quantile as the value of its label. */
  bound (value: number): string
  /** Whether the samples of a family may have exemplars; `taken` as for `head`. */
  mayHaveExemplars (family: FamilyHead, usedNames: Pick<ReadonlySet<string>, 'has'>): boolean
  /** What follows the value of a sample that has an exemplar. */
  exemplar (sampleName: string, exemplar: Exemplar): string
  /** The last line. */
  readonly end: string
}

/** A number as both text formats write it. */
export function formatNumber (value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

/** The value of a label, escaped as both text formats want it. */
export function escapeLabelValue (value: string): string {
  return /["\\\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value
}

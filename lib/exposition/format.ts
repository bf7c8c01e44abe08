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

/** A format of exposition: what sets it apart from the others. */
export interface Format {
  readonly contentType: string
  /** The lines before the samples of a family; `taken` are all sample names of the exposition. */
  head (family: FamilyHead, taken: ReadonlySet<string>): string
  /** A bound of a bucket or a quantile as the value of its label. */
  bound (value: number): string
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

import type { UncheckedLabels } from '../series/label-value.js'
import type { Row } from './format.js'

/** Checks the samples of one family, in their order. */
export interface SamplesCheck {
  /**
   * Whether the exposition can contain the sample: `false` for a duplicate of an earlier one.
   * @throws for a sample that makes the family invalid
   */
  accepts (row: Row): boolean
  /** @throws if a sample is missing */
  finish (): void
}

/** The problem of a sample whose name belongs to another family, or to none of the samples of its type. */
export const WRONG_SAMPLE_NAME = 'a sample has a name that its type does not have'
/** The problem of a series whose samples have samples of another series between them. */
export const NOT_CONSECUTIVE = 'the samples of a series are not consecutive'

/** A bound of a bucket or a quantile as a number; `NaN` for any other value. */
export function parseBound (value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return NaN
  return /^\+?Inf$/.test(value) ? Infinity : Number(value)
}

/** Whether a number can be the value of a count or a bucket. */
export function isCount (value: number): boolean {
  return Number.isInteger(value) && value >= 0
}

/** A key that two sets of labels share only if they are the same series. To Prometheus, an empty value is no label. */
export function seriesKey (labels: UncheckedLabels = {}, excludedName = ''): string {
  let key = ''
  for (const name of Object.keys(labels).sort()) {
    const value = String(labels[name])
    if (name !== excludedName && value !== '') key += `${name}=${value.length}:${value},`
  }
  // As written in UTF-8: there, half of a surrogate pair becomes the replacement character.
  return key.toWellFormed()
}

/** Adds a key to a set. Returns whether it was new. */
export function addIfNew (key: string, seen: Set<string>): boolean {
  const { size } = seen
  return seen.add(key).size > size
}

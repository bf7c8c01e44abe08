import type { Row } from './format.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** Checks the samples of one family, in their order. */
export interface SamplesCheck {
  /** Whether the sample can stand in the exposition; a second one of a series cannot. It throws where none can. */
  accepts (row: Row): boolean
  /** Throws where a sample is missing. */
  finish (): void
}

/** What is wrong with a sample whose name belongs to another family, or to no sample of its type. */
export const WRONG_SAMPLE_NAME = 'a sample has a name that its type does not have'
/** What is wrong with samples of a series between which others stand. */
export const NOT_CONSECUTIVE = 'the samples of a series are not in one place'

/** The number that a bound stands for, `NaN` for none. */
export function parseBound (value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return NaN
  return /^\+?Inf$/.test(value) ? Infinity : Number(value)
}

/** Whether a value can be that of a count or a bucket. */
export function isCount (value: number): boolean {
  return Number.isInteger(value) && value >= 0
}

/** A text that two sets of labels share only if they are one series. To Prometheus a label without a text is none. */
export function seriesKey (labels: UncheckedLabels = {}, excludedName = ''): string {
  let key = ''
  for (const name of Object.keys(labels).sort()) {
    const value = String(labels[name])
    if (name !== excludedName && value !== '') key += `${name}=${value.length}:${value},`
  }
  // Half a surrogate pair becomes the replacement character in UTF-8.
  return key.toWellFormed()
}

/** Adds a key to those that were seen; whether it was none of them. */
export function addIfNew (key: string, seen: Set<string>): boolean {
  const { size } = seen
  return seen.add(key).size > size
}

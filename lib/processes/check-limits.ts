import type { Family } from '../series/family.js'
import { MAX_SERIES } from './decoded-log.js'
import { FileProblem } from './file-problem.js'
import { MAX_LOG_BYTES } from './labels-log.js'
import { MAX_NUMBERS } from './values-file.js'

/** Readers reject more than this, so it is an error here. */
export function checkLimits (families: readonly Family[], bytes: number): void {
  let series = 0
  let numbers = 0
  for (const { table: { pages } } of families) {
    series += pages.length
    numbers += 1 + pages.length * pages.width
  }
  if (bytes <= MAX_LOG_BYTES && numbers <= MAX_NUMBERS && series <= MAX_SERIES) return
  throw new FileProblem('too_large', `${series} series with ${numbers} numbers and ${bytes} bytes of labels`)
}

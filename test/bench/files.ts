import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { COSTS, costsBlock } from './costs.js'
import { replaceBlock } from './marked-block.js'
import type { MarkedFile } from './marked-block.js'
import { report } from './report.js'
import type { PartialResults, Results } from './results.js'
import { SCALING, scalingBlock } from './scaling.js'

// The paths start at this file in `test/bench/dist`.
const RESULTS = new URL('../results.json', import.meta.url)
const REPORT = new URL('../RESULTS.md', import.meta.url)
const ROOT = new URL('../../../', import.meta.url)

/** Stores the results of a full run in `results.json`, first, so no run is lost if the texts cannot be written. */
export function writeResults (results: Results): void {
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
}

/**
 * Replaces the measured sections in `results.json`.
 * @throws if the others were measured on another machine or with other versions
 */
export function replaceSections (measured: PartialResults): void {
  const results = readResults()
  if (!isDeepStrictEqual(results.environment, measured.environment)) {
    throw new Error('The results on record are of another machine, or of other versions')
  }
  writeResults({ ...results, ...measured })
}

/** Writes `RESULTS.md`, the costs in the README and the growth in docs/scaling.md from `results.json`. */
export function writeTexts (): void {
  const results = readResults()
  const costs = replaced(COSTS, costsBlock(results))
  const scaling = replaced(SCALING, scalingBlock(results))
  writeFileSync(REPORT, report(results))
  writeFileSync(new URL(COSTS.file, ROOT), costs)
  writeFileSync(new URL(SCALING.file, ROOT), scaling)
}

const readResults = (): Results => JSON.parse(readFileSync(RESULTS, 'utf8'))

const replaced = (marked: MarkedFile, block: string): string =>
  replaceBlock(readFileSync(new URL(marked.file, ROOT), 'utf8'), marked, block)

import { readFileSync, writeFileSync } from 'node:fs'
import { COSTS, costsBlock } from './costs.js'
import { replaceBlock } from './marked-block.js'
import type { MarkedFile } from './marked-block.js'
import { report } from './report.js'
import type { Results } from './results.js'

// The paths start at this file in `test/bench/dist`.
const RESULTS = new URL('../results.json', import.meta.url)
const REPORT = new URL('../RESULTS.md', import.meta.url)
const ROOT = new URL('../../../', import.meta.url)

/** Stores the results of a full run in `results.json`, first, so no run is lost if the texts cannot be written. */
export function writeResults (results: Results): void {
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
}

/** Writes `RESULTS.md` and the costs in the README from `results.json`. */
export function writeTexts (): void {
  const results: Results = JSON.parse(readFileSync(RESULTS, 'utf8'))
  const costs = replaced(COSTS, costsBlock(results))
  writeFileSync(REPORT, report(results))
  writeFileSync(new URL(COSTS.file, ROOT), costs)
}

const replaced = (marked: MarkedFile, block: string): string =>
  replaceBlock(readFileSync(new URL(marked.file, ROOT), 'utf8'), marked, block)

import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { replaceBlock } from '../bench/marked-block.js'
import { root } from '../fixtures/root.js'
import { ALERTS, alertsBlock } from './document.js'
import type { OutagesRecord } from './record.js'
import { SCENARIOS } from './scenarios/index.js'

const RESULTS = new URL('test/outages/results.json', root)
const DOCUMENT = new URL(ALERTS.file, root)

/** Stores the results of a complete run. */
export function writeRecord (record: OutagesRecord): void {
  writeFileSync(RESULTS, `${JSON.stringify(record, null, 2)}\n`)
}

/**
 * Replaces scenarios of the results on record.
 * @throws if the others were run on another machine, or with other versions
 */
export function replaceScenarios (part: OutagesRecord): void {
  const record = readRecord()
  const isSame = isDeepStrictEqual(conditionsOf(record), conditionsOf(part))
  if (!isSame) throw new Error('The results on record are of another machine, or of other versions')
  const replaced = new Set(part.scenarios.map(({ job }) => job))
  const all = [...record.scenarios.filter(({ job }) => !replaced.has(job)), ...part.scenarios]
  const scenarios = SCENARIOS.flatMap(({ job }) => all.filter(scenario => scenario.job === job))
  const load = Math.max(record.machine.load, part.machine.load)
  writeRecord({ ...part, runs: record.runs + 1, machine: { ...part.machine, load }, scenarios })
}

const conditionsOf = ({ interval, versions, machine: { cpu, cores } }: OutagesRecord): unknown[] =>
  [interval, versions, cpu, cores]

export const readRecord = (): OutagesRecord => JSON.parse(readFileSync(RESULTS, 'utf8'))

/** Returns the guide with the tables of the results on record. */
export const renderDocument = (): string =>
  replaceBlock(readFileSync(DOCUMENT, 'utf8'), ALERTS, alertsBlock(readRecord(), SCENARIOS))

/** Writes the tables of the guide from the results on record. */
export function writeTables (): void {
  writeFileSync(DOCUMENT, renderDocument())
}

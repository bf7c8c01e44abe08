import { writeFileSync } from 'node:fs'
import { root } from '../fixtures/root.js'
import type { OutagesRecord } from './record.js'

const RESULTS = new URL('test/outages/results.json', root)

/** Stores the results of a complete run. */
export function writeRecord (record: OutagesRecord): void {
  writeFileSync(RESULTS, `${JSON.stringify(record, null, 2)}\n`)
}

export function writeTable (): void {}

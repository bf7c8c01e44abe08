import type { NamedColumn } from './column-name.js'
import { QUANTITIES } from './quantities.js'

/** What a log must have, by the start of the keys of its columns, for a message. */
const REQUIRED = {
  rpm: `engine speed (such as ${QUANTITIES.rpm.examples})`,
  map: `manifold pressure (such as ${QUANTITIES.map.examples})`,
  commanded: "commanded mixture (such as 'AFR Cmd F', 'AFR Target', 'Lambda Target')",
  measured: "measured mixture (such as 'AFR Meas F', 'WB AFR Front', 'Lambda 1')"
} as const

/** Returns what a header lacks, with names that would do. */
export function findMissing (columns: ReadonlyArray<NamedColumn | undefined>): string[] {
  return Object.entries(REQUIRED).filter(([start]) => !columns.some(column => column?.key.startsWith(start)))
    .map(([, text]) => text)
}

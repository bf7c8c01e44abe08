import { MissingColumnsError, UnclearUnitError } from './errors.js'
import { findMissing } from './find-missing.js'
import type { Header } from './read-head.js'

/** Names that a message lists, and their length. */
const MAX_NAMES = 40
const MAX_NAME_LENGTH = 60

/** Many more than any log has. The values of each such column need memory. */
const MAX_USED_COLUMNS = 50

/**
 * Throws an error that lists what the header lacks, names that would do, and the names that it has; and one for a
 * header in which too many columns look like those that are needed.
 */
export function requireColumns ({ columns, names }: Header): void {
  const used = columns.filter(column => column !== undefined).length
  if (used > MAX_USED_COLUMNS) {
    throw new UnclearUnitError(`It is unclear which columns to use: ${used} have names of the columns that are needed.`)
  }
  const missing = findMissing(columns)
  if (missing.length > 0) throw new MissingColumnsError(missing.join(', '), listNames(names))
}

function listNames (names: readonly string[]): string {
  const listed = names.filter(name => name.trim() !== '').slice(0, MAX_NAMES)
    .map(name => `'${name.trim().slice(0, MAX_NAME_LENGTH)}'`)
  return listed.join(', ') + (names.length > MAX_NAMES ? ', …' : '')
}

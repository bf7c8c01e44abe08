import type { CollectedFamily } from '../exposition/check-family.js'

/**
 * The format of the files with samples: lines of JSON, so that a large file is read and written with pauses. The first
 * line is the header. For each family follow a line with its description, and lines with its samples. A sample is
 * `[value, labels, name, exemplar]`, without the items at the end that it does not need.
 */
export const FORMAT = 'dynoai-samples'

/** The version of the format. It must change with each change of it. */
export const VERSION = 1

/** The largest file that is read, in bytes. */
export const MAX_FILE_BYTES = 16 * 2 ** 20

/** The longest line that is read, in bytes: 3 ms of work, or 80 ms if it consists of brackets. */
export const MAX_LINE_BYTES = 2 ** 18

/** The most families of a file. */
export const MAX_FAMILIES = 10_000

/** The most samples of a file. */
export const MAX_ROWS = 250_000

/** A family whose samples are not in the store, and when the process started that collected it. */
export interface DatedFamily extends CollectedFamily {
  /** In a unit that all processes of the service share. */
  readonly since: number
}

import type { Family } from '../series/family.js'
import { checkLimits } from './check-limits.js'
import { FamilyLog } from './family-log.js'
import { checkedCount, headerPrefix, nonceOf, PREFIX_BYTES } from './file-header.js'
import type { Block, InputFile } from './file-system.js'
import { LogEncoder, MAX_LOG_BYTES } from './labels-log.js'
import type { NumberArena } from './number-arena.js'
import { countOf, MAX_NUMBERS, numberBlocks } from './values-file.js'

/** After the common part: the size of the labels log, and the count of numbers. */
const HEADER_BYTES = PREFIX_BYTES + 16

/** The size of a base without families. */
export const EMPTY_BASE_BYTES = HEADER_BYTES

/** A family with counts that a slot inherits, and when the process started that defined it. */
export interface InheritedFamily {
  readonly family: Family
  readonly since: number
}

/** The header of a base: the log follows it, and then the numbers. */
export interface BaseHeader {
  readonly nonce: number
  readonly logLength: number
  readonly count: number
}

/**
 * A base as blocks to write. They are valid as long as the families do not change. Pauses regularly.
 * @throws FileProblem for more series than are read: then the files of the owner before stay
 */
export function * baseBlocks (inherited: readonly InheritedFamily[], nonce: number): Generator<void, Block[]> {
  const encoder = new LogEncoder()
  for (const [number, { family, since }] of inherited.entries()) {
    yield * new FamilyLog(encoder, { number, family, since }).update(encoder)
  }
  checkLimits(inherited.map(({ family }) => family), encoder.length)
  const log = encoder.take()
  const numbers = numberBlocks(inherited.map(({ family }) => family))
  return [headerPrefix('base', nonce), Float64Array.of(log.length, countOf(numbers)), log, ...numbers]
}

/**
 * Reads the header of a base.
 * @throws FileProblem if it breaks a rule, or if the file is shorter than it says
 */
export function readBaseHeader (file: InputFile): BaseHeader {
  const header = file.readBytes(0, HEADER_BYTES)
  const nonce = nonceOf('base', header)
  const logLength = checkedCount(header.readDoubleLE(PREFIX_BYTES), MAX_LOG_BYTES)
  const count = checkedCount(header.readDoubleLE(PREFIX_BYTES + 8), MAX_NUMBERS)
  file.checkSize(HEADER_BYTES + logLength + 8 * count)
  return { nonce, logLength, count }
}

/** Reads the labels log of a base, without the bytes that are already decoded. */
export function readBaseLog (file: InputFile, { logLength }: BaseHeader, decoded: number): Buffer {
  return file.readBytes(HEADER_BYTES + decoded, logLength - decoded)
}

/** Reads the numbers of a base, in the form that value files have. */
export function * readBaseNumbers (
  file: InputFile, { logLength, count }: BaseHeader, arena: NumberArena
): Generator<void, Float64Array> {
  const numbers = arena.take(count)
  yield * file.readNumbers(numbers, HEADER_BYTES + logLength)
  return numbers
}

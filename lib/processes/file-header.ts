import { received } from '../util/received.js'
import { FileProblem } from './file-problem.js'

/** The version of the formats. It must change with each change of them. */
const VERSION = 1

/** The first four bytes of each kind of file. */
const MAGIC = { labels: 0x4c4d5944, values: 0x564d5944, base: 0x424d5944 } as const

/** The size of the part that all headers have, in bytes: the kind, the version, and the nonce. */
export const PREFIX_BYTES = 16

export type FileKind = keyof typeof MAGIC

/**
 * The part that all headers have. The nonce is a random number: it distinguishes a file from a later one of the same
 * name.
 */
export function headerPrefix (kind: FileKind, nonce: number): Uint8Array {
  const bytes = Buffer.alloc(PREFIX_BYTES)
  bytes.writeUInt32LE(MAGIC[kind])
  bytes.writeUInt32LE(VERSION, 4)
  bytes.writeDoubleLE(nonce, 8)
  return bytes
}

/**
 * The nonce of a header.
 * @throws FileProblem if it is not the header of such a file in this version
 */
export function nonceOf (kind: FileKind, header: Buffer): number {
  const magic = header.readUInt32LE()
  if (magic !== MAGIC[kind]) throw new FileProblem('foreign', `it begins with 0x${magic.toString(16)}`)
  const version = header.readUInt32LE(4)
  if (version !== VERSION) throw new FileProblem('version', `it has version ${version}`)
  return header.readDoubleLE(8)
}

/** A size or a count in a header. */
export function checkedCount (count: unknown, limit: number): number {
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    throw new FileProblem('malformed', `a count of ${received(count)}`)
  }
  if (count > limit) throw new FileProblem('too_large', `a count of ${count} where ${limit} is the limit`)
  return count
}

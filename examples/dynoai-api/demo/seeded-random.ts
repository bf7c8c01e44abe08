import { createHash } from 'node:crypto'

/**
 * Returns a number from 0 up to, but not including, 1. The same seed and key always return the same number, so the
 * order of calls does not matter.
 */
export function seededRandom (seed: number, key: string): number {
  return createHash('sha256').update(`${seed}/${key}`).digest().readUInt32BE() / 2 ** 32
}

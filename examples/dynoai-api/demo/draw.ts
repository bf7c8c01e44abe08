import { createHash } from 'node:crypto'

/** A number from 0 up to 1 for a question; the same question has the same answer, in whatever order questions are asked. */
export function draw (seed: number, question: string): number {
  return createHash('sha256').update(`${seed}/${question}`).digest().readUInt32BE() / 2 ** 32
}

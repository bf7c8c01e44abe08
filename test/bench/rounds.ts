/**
 * Measures one after the other in every round, so that what else the machine does meets all of them alike; some rounds
 * before do not count.
 */
export async function interleave<T> (rounds: number, measures: ReadonlyArray<() => Promise<T>>): Promise<T[][]> {
  const warmUp = Math.ceil(rounds / 4)
  const results: T[][] = measures.map(() => [])
  for (let round = -warmUp; round < rounds; round++) {
    for (const [i, measure] of measures.entries()) {
      const result = await measure()
      if (round >= 0) results[i]?.push(result)
    }
  }
  return results
}

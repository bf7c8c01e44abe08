/**
 * Runs all measurements one after another in every round, so other load of the machine affects all of them alike. The
 * results of the warm-up rounds are discarded.
 */
export async function interleave<T> (rounds: number, measurements: ReadonlyArray<() => Promise<T>>): Promise<T[][]> {
  const warmUp = Math.ceil(rounds / 4)
  const results: T[][] = measurements.map(() => [])
  for (let round = -warmUp; round < rounds; round++) {
    for (const [i, measure] of measurements.entries()) {
      const result = await measure()
      if (round >= 0) results[i]?.push(result)
    }
  }
  return results
}

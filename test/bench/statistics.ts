/** Median and spread of some numbers. */
export interface Summary {
  readonly median: number
  /** Half the distance between the quartiles, divided by the median. */
  readonly spread: number
}

function quantile (sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? NaN
  const above = sorted[Math.ceil(position)] ?? NaN
  return below + (above - below) * (position - Math.floor(position))
}

/** Returns the median and the spread of the rounds of one run. */
export function summarise (numbers: readonly number[]): Summary {
  const sorted = [...numbers].sort((a, b) => a - b)
  const median = quantile(sorted, 0.5)
  return { median, spread: median === 0 ? 0 : (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / median }
}

/** Returns the median of some numbers. */
export const medianOf = (numbers: readonly number[]): number => summarise(numbers).median

/** Divides the results of the same round, and returns the median of the ratios. */
export function medianRatio (numbers: readonly number[], divisors: readonly number[]): number {
  return medianOf(numbers.map((number, i) => number / (divisors[i] ?? NaN)))
}

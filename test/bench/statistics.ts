/** The middle of some numbers and how far they lie apart. */
export interface Summary {
  readonly median: number
  /** Half the distance between the quartiles, as a share of the median. */
  readonly spread: number
}

function quantile (sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? NaN
  const above = sorted[Math.ceil(position)] ?? NaN
  return below + (above - below) * (position - Math.floor(position))
}

/** Median and spread of the numbers of one run. */
export function summarise (numbers: readonly number[]): Summary {
  const sorted = [...numbers].sort((a, b) => a - b)
  const median = quantile(sorted, 0.5)
  return { median, spread: median === 0 ? 0 : (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / median }
}

/** The median of the ratios of what was measured in the same round. */
export function medianRatio (numbers: readonly number[], to: readonly number[]): number {
  return summarise(numbers.map((number, i) => number / (to[i] ?? NaN))).median
}

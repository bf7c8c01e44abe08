/** Limits a value to the range from `low` to `high`. */
export function clamp (value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

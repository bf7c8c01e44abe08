/** Ratio of the bounds of a bucket. */
const RATIO = 1.01
const LOWEST = 1e-6
const BUCKETS = Math.ceil(Math.log(1e15) / Math.log(RATIO))

/** The distribution of a column's values, in constant memory; quantiles are exact to one percent. */
export class ValueSketch {
  readonly #buckets = new Uint32Array(BUCKETS)
  #count = 0
  #positive = 0
  #negative = 0
  /** The smallest value; Infinity before the first. */
  min = Infinity
  /** The largest value; -Infinity before the first. */
  max = -Infinity

  /** Adds a value; NaN is not a value. */
  add (value: number): void {
    if (Number.isNaN(value)) return
    this.#count++
    if (value < 0) this.#negative++
    this.min = Math.min(this.min, value)
    this.max = Math.max(this.max, value)
    if (value <= 0) return
    const bucket = Math.floor(Math.log(value / LOWEST) / Math.log(RATIO))
    this.#buckets[Math.min(BUCKETS - 1, Math.max(0, bucket))]! += 1 // Between the first and the last bucket.
    this.#positive++
  }

  /** Number of values above 0. */
  get positive (): number {
    return this.#positive
  }

  /** Number of values. */
  get count (): number {
    return this.#count
  }

  /** Share of the values that are below 0; 0 without values. */
  get negativeShare (): number {
    return this.#negative / Math.max(1, this.#count)
  }

  /** Share of the values that are not above 0; 0 without values. */
  get nonPositiveShare (): number {
    return (this.#count - this.#positive) / Math.max(1, this.#count)
  }

  /** Returns the value that a share of the values above 0 does not exceed. */
  quantile (share: number): number {
    let left = Math.max(1, Math.ceil(share * this.#positive))
    const bucket = this.#buckets.findIndex(count => (left -= count) <= 0)
    return Math.min(this.max, LOWEST * RATIO ** (bucket + 0.5))
  }
}

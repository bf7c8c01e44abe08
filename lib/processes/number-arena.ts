/** The fewest numbers that a chunk has. */
const MIN_CHUNK = 1024

/**
 * Memory for the numbers of one slot at a time, so that many slots take the memory of one. The arrays that `take`
 * returns are valid until `reset`.
 */
export class NumberArena {
  #chunk = new Float64Array(0)
  #used = 0
  /** The numbers in chunks that became too small since `reset`. */
  #full = 0
  #peak = 0

  /** An array of as many numbers. Their values are undefined. */
  take (count: number): Float64Array {
    if (this.#used + count > this.#chunk.length) {
      this.#full += this.#used
      this.#chunk = new Float64Array(Math.max(count, this.#full / 2, MIN_CHUNK))
      this.#used = 0
    }
    const numbers = this.#chunk.subarray(this.#used, this.#used + count)
    this.#used += count
    return numbers
  }

  /** Begins with the next slot. */
  reset (): void {
    const needed = this.#full + this.#used
    this.#peak = Math.max(this.#peak, needed)
    // A little more than needed, since slots differ in a few series.
    if (this.#full > 0) this.#chunk = new Float64Array(needed + needed / 16)
    this.#full = 0
    this.#used = 0
  }

  /** Releases memory that has not been needed since the last call. */
  trim (): void {
    this.reset()
    if (this.#chunk.length > 2 * this.#peak + MIN_CHUNK) this.#chunk = new Float64Array(this.#peak)
    this.#peak = 0
  }
}

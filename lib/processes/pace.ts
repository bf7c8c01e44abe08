/** Samples between two pauses: 10 to 50 µs of work. */
export const ROWS_PER_PAUSE = 64

/** Counts samples, to pause after each `ROWS_PER_PAUSE`. */
export class Pace {
  #rows = 0

  isPauseDue ({ rows }: { readonly rows: readonly unknown[] }): boolean {
    this.#rows += rows.length
    if (this.#rows < ROWS_PER_PAUSE) return false
    this.#rows = 0
    return true
  }
}

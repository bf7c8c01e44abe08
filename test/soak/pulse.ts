/** How long a delay counts, in milliseconds. */
const MEMORY = 10_000
/** The least delay, in milliseconds. */
const MIN_DELAY = 250
/** A worker with longer delays is not killed: too many of its counts would be uncertain. */
const MAX_DELAY = 15_000

/** How late the event loop of a worker is, from the times at which it says that it runs. */
export class Pulse {
  #last: number | undefined
  #gaps: Array<{ readonly at: number, readonly gap: number }> = []

  beat (at: number): void {
    if (this.#last !== undefined) this.#gaps.push({ at, gap: at - this.#last })
    this.#last = at
    this.#gaps = this.#gaps.filter(gap => gap.at > at - MEMORY)
  }

  /**
   * How late a timer of the worker may run, and how late it may see that a client has disconnected, in milliseconds. A
   * multiple of the longest time between two signs of life.
   */
  delay (now = Date.now()): number {
    const gaps = [...this.#gaps.map(({ gap }) => gap), now - (this.#last ?? now)]
    return MIN_DELAY + 3 * Math.max(...gaps)
  }

  get isReliable (): boolean {
    return this.delay() < MAX_DELAY
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises'

/** For how long the event loop is held at a time, in milliseconds, about. */
const SLICE = 0.25

/** A piece of work on the event loop, after which others have their turn. */
export class Slice {
  #start = performance.now()

  get isOver (): boolean {
    return performance.now() - this.#start >= SLICE
  }

  /** Gives the event loop back, and begins anew. */
  async next (): Promise<void> {
    await nextTurn()
    this.#start = performance.now()
  }
}

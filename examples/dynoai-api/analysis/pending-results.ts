/** The results that are still to come, so that an end can wait for them. */
export class PendingResults {
  readonly #results = new Set<Promise<unknown>>()

  /** Keeps a result until it has come, and returns it. */
  add<T> (result: Promise<T>): Promise<T> {
    this.#results.add(result)
    const forget = () => { this.#results.delete(result) }
    result.then(forget, forget)
    return result
  }

  /** Resolves when no result is pending. */
  async settled (): Promise<void> {
    while (this.#results.size > 0) await Promise.allSettled(this.#results)
  }
}

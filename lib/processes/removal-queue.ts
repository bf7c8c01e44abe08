/** What the application has removed: a series of a metric, or with `labels: null` all of them. */
export interface Removal {
  readonly metric: string
  /** The values of the labels, in the order of the metric. */
  readonly labels: readonly string[] | null
}

/** The most removals that wait. They are applied in each interval, so more would take long there. */
export const MAX_REMOVALS = 10_000

/** Removals that are still to be applied, each once. */
export class RemovalQueue {
  readonly #removals = new Map<string, Removal>()

  /** Those that wait, in their order. */
  get waiting (): readonly Removal[] {
    return [...this.#removals.values()]
  }

  get isEmpty (): boolean {
    return this.#removals.size === 0
  }

  /** Returns `false` without adding it if too many wait. */
  add (removal: Removal): boolean {
    if (this.#removals.size >= MAX_REMOVALS) return this.#removals.has(keyOf(removal))
    this.#removals.set(keyOf(removal), removal)
    return true
  }

  /** These have been applied. */
  delete (removals: readonly Removal[]): void {
    for (const removal of removals) this.#removals.delete(keyOf(removal))
  }

  clear (): void {
    this.#removals.clear()
  }
}

function keyOf ({ metric, labels }: Removal): string {
  return JSON.stringify([metric, labels])
}

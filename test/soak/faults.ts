/** How many different faults are kept. */
const MAX_FAULTS = 20

/** What went wrong. Each fault is kept once. */
export class Faults {
  readonly #counts = new Map<string, number>()

  add (message: string): void {
    const count = this.#counts.get(message)
    if (count !== undefined || this.#counts.size < MAX_FAULTS) this.#counts.set(message, (count ?? 0) + 1)
  }

  get list (): string[] {
    return [...this.#counts].map(([message, count]) => count === 1 ? message : `${message} (${count} times)`)
  }
}

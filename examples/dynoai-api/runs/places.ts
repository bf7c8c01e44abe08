import { BusyError } from './errors.js'

/** Limits how many logs are in work at the same time. */
export class Places {
  readonly #limit: number
  #taken = 0
  readonly #waiting = new Set<() => void>()

  constructor (limit: number) {
    this.#limit = limit
  }

  /** Number of logs in work. */
  get taken (): number {
    return this.#taken
  }

  /** Whether the limit is reached. */
  get isFull (): boolean {
    return this.#taken >= this.#limit
  }

  /** Throws when no place is free. */
  check (): void {
    if (this.isFull) throw new BusyError('waiting for their analysis')
  }

  /** Takes a place, and returns the function that gives it back; throws when no place is free. */
  take (): () => void {
    this.check()
    this.#taken++
    return () => {
      this.#taken--
      if (this.#taken > 0) return
      for (const resolve of this.#waiting) resolve()
      this.#waiting.clear()
    }
  }

  /** Resolves when no place is taken. */
  async idle (): Promise<void> {
    if (this.#taken > 0) await new Promise<void>(resolve => this.#waiting.add(resolve))
  }
}

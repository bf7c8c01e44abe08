import type { Family } from '../series/family.js'

/** How often inherited series are checked in the time until a series expires. */
const CHECKS = 4

/**
 * Says when inherited series of a metric expire: this process has not written to them for as long as any series of the
 * metric may exist without a write. Times are in milliseconds, of `performance.now()`.
 */
export class InheritedExpiry {
  /** When each metric is checked next. */
  readonly #nextChecks = new Map<Family, number>()
  readonly #takenAt: number

  /** `takenAt` is when this process has inherited. */
  constructor (takenAt: number) {
    this.#takenAt = takenAt
  }

  /** The metrics whose series are to be checked. `shownAt` is the time up to which a scrape has shown all values. */
  due (families: readonly Family[], shownAt: number): Family[] {
    return families.filter(family => {
      const after = 1000 * family.expireAfter
      if (shownAt < (this.#nextChecks.get(family) ?? this.#takenAt + after)) return false
      this.#nextChecks.set(family, shownAt + after / CHECKS)
      return true
    })
  }
}

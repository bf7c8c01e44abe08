import type { CollectedFamily } from '../exposition/check-family.js'
import { isSummed } from './merge-samples.js'
import type { DatedFamily } from './samples-format.js'

/**
 * How long a sum keeps its last values after it was collected, in milliseconds. A metric that fails for a while must
 * not decrease the sum over all processes. One that is not registered any more must not stay for good.
 */
const MAX_AGE = 60_000

/** A family, and when its collection began. */
interface CollectedAt {
  readonly family: DatedFamily
  readonly startedAt: number
}

/**
 * The samples that this process has collected last. Times are in milliseconds, of a clock that does not go back: a slow
 * collection does not replace a later one.
 */
export class CollectedSamples {
  readonly #since: number
  readonly #collected = new Map<string, CollectedAt>()

  /** `since` is when this process started. */
  constructor (since: number) {
    this.#since = since
  }

  get families (): DatedFamily[] {
    return [...this.#collected.values()].map(({ family }) => family)
  }

  /** Replaces the families that some metrics have returned. Returns them. */
  update (families: readonly CollectedFamily[], startedAt: number): DatedFamily[] {
    const dated = families.map(family => ({ ...family, since: this.#since }))
    for (const family of dated) {
      const known = this.#collected.get(family.name)
      if (known === undefined || known.startedAt <= startedAt) this.#collected.set(family.name, { family, startedAt })
    }
    return dated
  }

  /** The sums that were collected last of metrics with other names: they have failed since, or are not requested. */
  otherSums (names: ReadonlySet<string>, startedAt: number): DatedFamily[] {
    return [...this.#collected.values()].flatMap(({ family, startedAt: lastStart }) =>
      isSummed(family) && !names.has(family.name) && lastStart > startedAt - MAX_AGE ? family : [])
  }

  /** Replaces the families that all metrics have returned. A gauge that is not among them has failed. */
  updateAll (families: readonly CollectedFamily[], startedAt: number): void {
    this.update(families, startedAt)
    const names = new Set(families.map(({ name }) => name))
    for (const [name, { family, startedAt: lastStart }] of this.#collected) {
      const isKept = isSummed(family) ? lastStart > startedAt - MAX_AGE : lastStart > startedAt
      if (!names.has(name) && !isKept) this.#collected.delete(name)
    }
  }
}

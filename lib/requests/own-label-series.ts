import { detached } from '../series/label-value.js'

interface Branch<Series> {
  readonly byValue: Map<string, Branch<Series>>
  /** Set on the branch of the last label. */
  series?: Series
}

/** The series of one method, path and status, by the values of the application's own labels. */
export class OwnLabelSeries<Series> {
  /** Whether one was added with values of its own, and not for overflow. */
  hasFirst = false
  // A tree by value, so that finding a series builds no key.
  readonly #root: Branch<Series> = { byValue: new Map() }
  readonly #make: (values: readonly string[]) => Series

  /** `make` gives the series of values that are new. */
  constructor (make: (values: readonly string[]) => Series) {
    this.#make = make
  }

  find (values: readonly string[]): Series | undefined {
    let branch: Branch<Series> | undefined = this.#root
    for (const value of values) {
      branch = branch.byValue.get(value)
      if (branch === undefined) return undefined
    }
    return branch.series
  }

  /** Adds the series of these values, which are copied. */
  add (values: readonly string[]): Series {
    const kept = values.map(detached)
    let branch = this.#root
    for (const value of kept) {
      const next: Branch<Series> = branch.byValue.get(value) ?? { byValue: new Map() }
      branch.byValue.set(value, next)
      branch = next
    }
    branch.series = this.#make(kept)
    return branch.series
  }
}

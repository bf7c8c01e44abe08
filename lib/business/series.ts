import { errors, received } from '../errors.js'
import { detached, labelText, OVERFLOW } from '../series/label-value.js'
import type { OverflowReason } from '../registry/mistakes.js'
import type { GivenLabels } from './calls.js'
import { listedCombinations } from './resolve-definition.js'
import type { ResolvedDefinition } from './resolve-definition.js'

/** The labels of one series, complete. */
export type SeriesLabels = Readonly<Record<string, string>>

/** One series of a metric. */
export interface Series {
  readonly labels: SeriesLabels
  /** Where prom-client has it. */
  readonly key: string
}

/** Turns the labels of a call into those of a series, and keeps the number of series of a metric within its limit. */
export class SeriesSet {
  readonly #definition: ResolvedDefinition
  readonly #maxSeries: number
  readonly #names: readonly string[]
  readonly #sortedNames: readonly string[]
  readonly #overflow: Series
  readonly #onOverflow: (reason: OverflowReason) => void
  readonly #known = new Map<string, Series>()

  constructor (definition: ResolvedDefinition, maxSeries: number, onOverflow: (reason: OverflowReason) => void) {
    this.#definition = definition
    this.#maxSeries = maxSeries
    this.#names = Object.keys(definition.labels)
    this.#sortedNames = this.#names.toSorted()
    const overflow = Object.fromEntries(this.#names.map(name => [name, OVERFLOW]))
    this.#overflow = { labels: overflow, key: this.#keyOf(overflow) }
    this.#onOverflow = onOverflow
  }

  /** Forgets every series but those with only listed values, and returns the labels of these. */
  restart (): SeriesLabels[] {
    this.#known.clear()
    const listed = combinations(Object.entries(this.#definition.labels))
    for (const labels of listed) {
      const key = this.#keyOf(labels)
      this.#known.set(key, { labels, key })
    }
    return listed
  }

  /**
   * The series that a call means: the overflow series when there are too many already, or a value is too long.
   * @throws DYNOAI_METRICS_ERR_CALL for an unknown label, an unlisted value and a missing label
   */
  resolve (given: GivenLabels): Series {
    const { name, labels, defaults } = this.#definition
    for (const label of Object.keys(given)) {
      if (!Object.hasOwn(labels, label)) {
        // A name may be long; a message shows the first of it.
        const problem = `it has no label '${label.slice(0, 64)}', ${listOf(this.#names)}`
        throw new errors.ERR_CALL(name, problem, received(given))
      }
    }
    const series: Record<string, string> = {}
    let fits = true
    for (const [label, listed] of Object.entries(labels)) {
      // Own ones only: a label may be called as what every object has, `constructor`.
      const own = Object.hasOwn(given, label) ? given[label] : undefined
      const value = own === undefined && Object.hasOwn(defaults, label) ? defaults[label] : own
      if (value === undefined) throw new errors.ERR_CALL(name, `the label '${label}' is required`, received(given))
      const text = labelText(value)
      if (listed.length > 0 && (text === null || !listed.includes(text))) {
        throw new errors.ERR_CALL(name, `the label '${label}' is one of ${listed.join(', ')}`, received(value))
      }
      if (text === null) fits = false
      else series[label] = text
    }
    return fits ? this.#admit(series) : this.#overflowFor('length')
  }

  /** The series that has the place of these labels; its own differ where prom-client cannot tell the two apart. */
  at (labels: SeriesLabels): Series | undefined {
    return this.#known.get(this.#keyOf(labels))
  }

  /** Frees the place of a series; `false` for one with only listed values, which stays. */
  free ({ key }: Series): boolean {
    return listedCombinations(Object.values(this.#definition.labels)) === 0 && this.#known.delete(key)
  }

  #admit (labels: SeriesLabels): Series {
    const key = this.#keyOf(labels)
    const known = this.#known.get(key)
    if (known === undefined && this.#known.size < this.#maxSeries) {
      const kept = Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, detached(text)]))
      const series = { key, labels: kept }
      this.#known.set(key, series)
      return series
    }
    if (known !== undefined && this.#names.every(name => known.labels[name] === labels[name])) return known
    return this.#overflowFor('series')
  }

  #overflowFor (reason: OverflowReason): Series {
    this.#onOverflow(reason)
    return this.#overflow
  }

  // The key is prom-client's own (`utils.hashObject`). Two series that it cannot tell apart must not become one, so
  // what differs under one key overflows.
  #keyOf (labels: SeriesLabels): string {
    return this.#sortedNames.map(name => labels[name] === undefined ? '' : `${name}:${labels[name]},`).join('')
  }
}

function listOf (names: readonly string[]): string {
  return names.length === 0 ? 'and no other' : `only ${names.join(', ')}`
}

function combinations (labels: ReadonlyArray<readonly [string, readonly string[]]>): SeriesLabels[] {
  return labels.reduce<SeriesLabels[]>(
    (rows, [name, values]) => rows.flatMap(row => values.map(value => ({ ...row, [name]: value }))),
    [{}]
  )
}

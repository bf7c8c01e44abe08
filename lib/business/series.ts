import { errors, received } from '../errors.js'
import type { ResolvedDefinition } from './resolve-definition.js'

/** The labels of one series, complete. */
export type SeriesLabels = Readonly<Record<string, string>>

/** The value of every label of the series that takes what goes beyond `maxSeries`. */
export const OVERFLOW = '__overflow__'

/** Turns the labels of a call into those of a series, and keeps the number of series of a metric within its limit. */
export class SeriesSet {
  readonly #definition: ResolvedDefinition
  readonly #maxSeries: number
  readonly #names: readonly string[]
  readonly #overflow: SeriesLabels
  readonly #onOverflow: () => void
  readonly #known = new Map<string, SeriesLabels>()

  constructor (definition: ResolvedDefinition, maxSeries: number, onOverflow: () => void) {
    this.#definition = definition
    this.#maxSeries = maxSeries
    this.#names = Object.keys(definition.labels)
    this.#overflow = Object.freeze(Object.fromEntries(this.#names.map(name => [name, OVERFLOW])))
    this.#onOverflow = onOverflow
  }

  /** Forgets every series but those with only listed values, and returns these. */
  restart (): Iterable<SeriesLabels> {
    this.#known.clear()
    for (const labels of combinations(Object.entries(this.#definition.labels))) this.#known.set(this.#key(labels), labels)
    return this.#known.values()
  }

  /**
   * The series that a call means: the overflow series when there are too many already.
   * @throws DYNOAI_METRICS_ERR_CALL for an unknown label, an unlisted value and a missing label
   */
  resolve (given: Readonly<Record<string, unknown>>): SeriesLabels {
    const { name, labels, defaults } = this.#definition
    for (const label of Object.keys(given)) {
      if (!Object.hasOwn(labels, label)) throw new errors.ERR_CALL(name, `it has no label '${label}'`, received(given))
    }
    const series: Record<string, string> = {}
    for (const [label, listed] of Object.entries(labels)) {
      const own = Object.hasOwn(given, label) ? given[label] : undefined
      const value = own === undefined ? defaults[label] : own
      if (value === undefined) throw new errors.ERR_CALL(name, `the label '${label}' is required`, received(given))
      const text = String(value)
      if (listed.length > 0 && !listed.includes(text)) throw new errors.ERR_CALL(name, `the label '${label}' is one of ${listed.join(', ')}`, text)
      series[label] = text
    }
    return this.#admit(series)
  }

  #admit (series: SeriesLabels): SeriesLabels {
    const key = this.#key(series)
    const known = this.#known.get(key)
    if (known === undefined && this.#known.size < this.#maxSeries) {
      this.#known.set(key, series)
      return series
    }
    if (known !== undefined && this.#names.every(name => known[name] === series[name])) return known
    this.#onOverflow()
    return this.#overflow
  }

  // prom-client's own key (`utils.hashObject`): two series that it cannot tell apart must not become one, so what
  // differs under one key overflows.
  #key (series: SeriesLabels): string {
    return this.#names.toSorted().map(name => `${name}:${series[name]}`).join()
  }
}

function combinations (labels: ReadonlyArray<readonly [string, readonly string[]]>): SeriesLabels[] {
  return labels.reduce<SeriesLabels[]>(
    (rows, [name, values]) => rows.flatMap(row => values.map(value => ({ ...row, [name]: value }))),
    [{}]
  )
}

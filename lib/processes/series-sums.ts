import type { CollectedFamily } from '../exposition/check-family.js'
import type { Exemplar, Row } from '../exposition/format.js'
import type { SampleSeries } from './sample-series.js'

/** A sample that others are added to. */
type Sum = { -readonly [Key in keyof Row]: Row[Key] }

/** The sum of several series with the same labels. */
interface SeriesSum {
  readonly rows: Sum[]
  /** How many of the series have quantiles. */
  quantiles: number
}

/** The sums of the series of a counter, a histogram or a summary, by their labels. */
export class SeriesSums {
  readonly #family: Pick<CollectedFamily, 'name' | 'type'>
  readonly #sums = new Map<string, SeriesSum>()

  constructor (family: Pick<CollectedFamily, 'name' | 'type'>) {
    this.#family = family
  }

  /** Adds a series. That of a histogram must have the bounds of the others with its labels. */
  add ({ key, rows }: SampleSeries): void {
    const sum = this.#sums.get(key) ?? { rows: [], quantiles: 0 }
    if (sum.rows.length === 0) this.#sums.set(key, sum)
    const hasQuantiles = rows.some(row => this.#isQuantile(row))
    for (const [i, row] of rows.entries()) {
      if (this.#isQuantile(row) && sum.quantiles > 0) continue
      const target = this.#targetOf(row, i, sum.rows)
      if (target === undefined) sum.rows.push({ ...row })
      else addRow(target, row)
    }
    if (hasQuantiles) sum.quantiles++
  }

  /** The sums in the order in which the series were first added, without the quantiles of several series. */
  * [Symbol.iterator] (): Generator<SampleSeries> {
    for (const [key, { rows, quantiles }] of this.#sums) {
      yield { key, rows: quantiles > 1 ? rows.filter(row => !this.#isQuantile(row)) : rows }
    }
  }

  /** The sample to which another is added. */
  #targetOf (row: Row, index: number, rows: readonly Sum[]): Sum | undefined {
    // A counter has one sample, and the histograms with the same bounds have the same samples in the same order.
    if (this.#family.type !== 'summary') return rows[index]
    return this.#isQuantile(row) ? undefined : rows.find(({ metricName }) => metricName === row.metricName)
  }

  #isQuantile ({ metricName }: Row): boolean {
    const { type, name } = this.#family
    return type === 'summary' && (metricName ?? name) === name
  }
}

function addRow (target: Sum, row: Row): void {
  target.value += row.value
  if (row.exemplar !== undefined && isNewer(row.exemplar, target.exemplar)) target.exemplar = row.exemplar
}

function isNewer ({ timestamp = 0 }: Exemplar, other: Exemplar | undefined): boolean {
  return other === undefined || timestamp > (other.timestamp ?? 0)
}

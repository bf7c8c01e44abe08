import type { Row } from '../exposition/format.js'
import type { Aggregator } from '../series/gauge-family.js'
import type { SampleSeries } from './sample-series.js'

/** The value of one series in several processes. */
interface GaugeValue {
  readonly row: Row
  value: number
  count: number
}

/** How each aggregator adds a value to those before it. An average is a sum until all are added. */
const AGGREGATIONS: Readonly<Record<Aggregator, (value: number, other: number) => number>> = {
  sum: (value, other) => value + other,
  average: (value, other) => value + other,
  min: Math.min,
  max: Math.max,
  first: value => value,
  omit: value => value
}

/** The series of a gauge of several processes, merged as prom-client's aggregators do. */
export class GaugeValues {
  readonly #aggregator: Aggregator
  readonly #values = new Map<string, GaugeValue>()

  constructor (aggregator: Aggregator) {
    this.#aggregator = aggregator
  }

  add ({ key, rows }: SampleSeries): void {
    const row = rows[0]! // each series has one sample
    const other = this.#values.get(key)
    if (other === undefined) {
      this.#values.set(key, { row, value: row.value, count: 1 })
    } else {
      other.value = AGGREGATIONS[this.#aggregator](other.value, row.value)
      other.count++
    }
  }

  * [Symbol.iterator] (): Generator<SampleSeries> {
    for (const [key, { row, value, count }] of this.#values) {
      yield { key, rows: [{ ...row, value: this.#aggregator === 'average' ? value / count : value }] }
    }
  }
}

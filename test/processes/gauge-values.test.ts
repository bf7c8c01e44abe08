import t from 'tap'
import { GaugeValues } from '../../lib/processes/gauge-values.js'
import { AGGREGATORS } from '../../lib/series/gauge-family.js'

const EXPECTED = { sum: 6, first: 3, min: -1, max: 4, average: 2, omit: 3 } as const

t.test('each aggregator merges the values of a series', async t => {
  for (const aggregator of AGGREGATORS) {
    const values = new GaugeValues(aggregator)
    for (const value of [3, -1, 4]) values.add({ key: 'x', rows: [{ value, labels: { a: 'x' } }] })
    values.add({ key: 'y', rows: [{ value: 9 }] })
    t.strictSame([...values].flatMap(({ rows }) => rows), [
      { value: EXPECTED[aggregator], labels: { a: 'x' } }, { value: 9 }
    ], aggregator)
  }
})

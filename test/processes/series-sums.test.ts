import t from 'tap'
import type { Row } from '../../lib/exposition/format.js'
import { SeriesSums } from '../../lib/processes/series-sums.js'

const sum = (family: { name: string, type: string }, all: ReadonlyArray<readonly Row[]>): readonly Row[] => {
  const sums = new SeriesSums(family)
  for (const rows of all) sums.add({ key: 'x', rows })
  return [...sums].flatMap(({ rows }) => rows)
}

t.test('adds the samples of series with the same labels, and changes none of them', async t => {
  const counter = { name: 'c_total', type: 'counter' }
  const first = { value: 1, labels: { a: 'x' } }
  t.strictSame(sum(counter, [[first], [{ value: 2, labels: { a: 'x' } }]]), [{ value: 3, labels: { a: 'x' } }])
  t.equal(first.value, 1)
  const sums = new SeriesSums(counter)
  sums.add({ key: 'a', rows: [{ value: 1 }] })
  sums.add({ key: 'b', rows: [{ value: 2 }] })
  t.strictSame([...sums].map(({ key }) => key), ['a', 'b'])
})

t.test('keeps the newest exemplar', async t => {
  const counter = { name: 'c_total', type: 'counter' }
  const exemplar = (timestamp?: number): Row => ({
    value: 1, exemplar: { value: 1, ...(timestamp === undefined ? {} : { timestamp }) }
  })
  const cases: ReadonlyArray<readonly [rows: readonly Row[], timestamp: number | undefined]> = [
    [[exemplar(2), exemplar(1)], 2],
    [[exemplar(1), exemplar(2), { value: 1 }], 2],
    [[{ value: 1 }, exemplar(3)], 3],
    [[exemplar(), exemplar(1)], 1],
    [[exemplar(1), exemplar()], 1]
  ]
  for (const [rows, timestamp] of cases) {
    t.equal(sum(counter, rows.map(row => [row]))[0]?.exemplar?.timestamp, timestamp)
  }
})

t.test('sums what the summaries have, and keeps the quantiles of a single one', async t => {
  const summary = { name: 's', type: 'summary' }
  const quantile: Row = { value: 7, labels: { quantile: 0.5 } }
  const count = (value: number): Row => ({ value, metricName: 's_count' })
  const total = (value: number): Row => ({ value, metricName: 's_sum' })
  const cases: ReadonlyArray<readonly [all: ReadonlyArray<readonly Row[]>, expected: readonly Row[]]> = [
    [[[quantile, total(1), count(2)]], [quantile, total(1), count(2)]],
    [[[quantile, total(1), count(2)], [quantile, total(1), count(2)]], [total(2), count(4)]],
    [[[total(1), count(2)], [{ ...quantile, metricName: 's' }, count(2), total(1)]],
      [total(2), count(4), { ...quantile, metricName: 's' }]],
    [[[quantile, count(2)], [total(1), count(1)]], [quantile, count(3), total(1)]],
    [[[quantile], [quantile], [quantile]], []]
  ]
  for (const [all, expected] of cases) t.strictSame(sum(summary, all), expected)
})

import t from 'tap'
import { seriesOf } from '../../lib/processes/sample-series.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { byUser, datedFamily, histogram, summary } from '../fixtures/processes/sampled-families.js'

t.test('a counter has a series for each sample', async t => {
  const family = datedFamily('calls_total', byUser('counter', { a: 1, b: 2 }))
  const series = runToEnd(seriesOf(family))
  t.strictSame(series.map(({ rows }) => rows.map(({ value }) => value)), [[1], [2]])
  t.equal(new Set(series.map(({ key }) => key)).size, 2)
  t.equal(runToEnd(seriesOf(family)), series, 'they are read once')
})

t.test('the samples of a histogram or a summary belong to one series', async t => {
  const series = (user: string) => histogram('d', { 1: 1, '+Inf': 2 }, 5).values.map(sample =>
    ({ ...sample, labels: { ...sample.labels, user } }))
  const family = datedFamily('d', { type: 'histogram', values: [...series('a'), ...series('b')] })
  t.strictSame(runToEnd(seriesOf(family)).map(({ rows }) => rows.length), [4, 4])
  const other = summary('s', { median: 1, sum: 2, count: 3 }).values
  const values = [...other, ...other.map(sample => ({ ...sample, labels: { ...sample.labels, user: 'a' } }))]
  const both = runToEnd(seriesOf(datedFamily('s', { type: 'summary', values })))
  t.strictSame(both.map(({ rows }) => rows.length), [3, 3])
})

t.test('the order of labels, and labels without a value, do not matter', async t => {
  const [first, second] = [{ a: 'x', b: 'y', c: '' }, { b: 'y', a: 'x' }].map(labels =>
    runToEnd(seriesOf(datedFamily('g', { type: 'gauge', values: [{ labels, value: 1 }] })))[0]?.key)
  t.equal(first, second)
})

t.test('pauses', async t => {
  const values = Array.from({ length: 1000 }, (_, i) => ({ labels: { i }, value: 1 }))
  const steps = seriesOf(datedFamily('g', { type: 'gauge', values }))
  let pauses = 0
  while (steps.next().done !== true) pauses++
  t.ok(pauses > 10, `${pauses} pauses`)
})

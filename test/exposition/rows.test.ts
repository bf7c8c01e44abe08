import t from 'tap'
import { ByteWriter } from '../../lib/exposition/byte-writer.js'
import { openMetrics } from '../../lib/exposition/openmetrics.js'
import { formatLabels, writeRows } from '../../lib/exposition/rows.js'
import { prometheusText } from '../../lib/exposition/prometheus-text.js'

const HEAD = { name: 'd', help: 'D', type: 'histogram' }

t.test('writes a line for each row, with its own name, its labels and then the default ones', async t => {
  const writer = new ByteWriter(64)
  const rows = [{ labels: { le: 1, a: undefined }, value: 2, metricName: 'd_bucket' }, { value: Infinity }, { labels: { pod: 'own' }, value: 3 }]
  t.equal([...writeRows(writer, { format: openMetrics, family: HEAD, rows, defaultLabels: { pod: 'p' } })].length, 0)
  t.equal(writer.written.toString(), 'd_bucket{le="1.0",a="undefined",pod="p"} 2\nd{pod="p"} +Inf\nd{pod="own"} 3\n')
})

t.test('pauses between many rows, and where there is none', async t => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ labels: { i }, value: i }))
  t.ok([...writeRows(new ByteWriter(64), { format: prometheusText, family: HEAD, rows, defaultLabels: {} })].length >= 10)
  t.equal([...writeRows(new ByteWriter(64), { format: prometheusText, family: HEAD, rows: [undefined, undefined], defaultLabels: {} })].length, 2)
  const long = Array.from({ length: 10 }, (_, i) => ({ labels: { i: `${i}`.repeat(100_000) }, value: i }))
  t.equal([...writeRows(new ByteWriter(64), { format: prometheusText, family: HEAD, rows: long, defaultLabels: {} })].length, 10, 'and behind each long one')
  const bare = new ByteWriter(64)
  t.strictSame([...writeRows(bare, { format: prometheusText, family: HEAD, rows: [{ value: 1 }], defaultLabels: {} })], [])
  t.equal(bare.written.toString(), 'd 1\n')
})

t.test('a bound is a number of the format only where it is one, and the label of a bound', async t => {
  t.equal(formatLabels({ le: 1, quantile: 1, x: 1 }, 'le', openMetrics), 'le="1.0",quantile="1",x="1"')
  t.equal(formatLabels({ le: '1' }, 'le', openMetrics), 'le="1"')
  t.equal(formatLabels({ le: 1 }), 'le="1"')
  t.equal(formatLabels({}), '')
})

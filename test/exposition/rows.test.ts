import t from 'tap'
import { ByteWriter } from '../../lib/exposition/byte-writer.js'
import type { Row } from '../../lib/exposition/format.js'
import { openMetrics } from '../../lib/exposition/openmetrics.js'
import { formatLabels, writeRows } from '../../lib/exposition/rows.js'
import { prometheusText } from '../../lib/exposition/prometheus-text.js'

const HEAD = { name: 'd', help: 'D', type: 'histogram' }

const pausesOf = (rows: ReadonlyArray<Row | undefined>, writer = new ByteWriter(64)): number =>
  [...writeRows(writer, { format: prometheusText, family: HEAD, rows, defaultLabels: {} })].length

t.test('writes a line for each row: its name, its labels, then the default labels', async t => {
  const writer = new ByteWriter(64)
  const rows = [
    { labels: { le: 1, a: undefined }, value: 2, metricName: 'd_bucket' },
    { value: Infinity },
    { labels: { pod: 'own' }, value: 3 }
  ]
  t.equal([...writeRows(writer, { format: openMetrics, family: HEAD, rows, defaultLabels: { pod: 'p' } })].length, 0)
  t.equal(writer.written.toString(), 'd_bucket{le="1.0",a="undefined",pod="p"} 2\nd{pod="p"} +Inf\nd{pod="own"} 3\n')
})

t.test('pauses between many rows, at each missing row and after each long row', async t => {
  t.ok(pausesOf(Array.from({ length: 1000 }, (_, i) => ({ labels: { i }, value: i }))) >= 10)
  t.equal(pausesOf([undefined, undefined]), 2)
  t.equal(pausesOf(Array.from({ length: 10 }, (_, i) => ({ labels: { i: `${i}`.repeat(100_000) }, value: i }))), 10)
  const writer = new ByteWriter(64)
  t.equal(pausesOf([{ value: 1 }], writer), 0)
  t.equal(writer.written.toString(), 'd 1\n')
})

t.test('formats as a bound only a number, and only in the label of bounds', async t => {
  t.equal(formatLabels({ le: 1, quantile: 1, x: 1 }, 'le', openMetrics), 'le="1.0",quantile="1",x="1"')
  t.equal(formatLabels({ le: '1' }, 'le', openMetrics), 'le="1"')
  t.equal(formatLabels({ le: 1 }), 'le="1"')
  t.equal(formatLabels({}), '')
})

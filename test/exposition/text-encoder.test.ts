import t from 'tap'
import { ByteWriter } from '../../lib/exposition/byte-writer.js'
import type { Encoder, Encoding, EncodingContext } from '../../lib/exposition/encoder.js'
import { openMetricsEncoder, textEncoder } from '../../lib/exposition/text-encoder.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import type { Family } from '../../lib/series/family.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'

const rules = (...names: readonly string[]) => names.map(name => ({ name, listed: [] }))

const contextOf = (defaultLabels: Readonly<Record<string, string>> = {}): EncodingContext =>
  ({ writer: new ByteWriter(8), usedNames: new Set(), defaultLabels })

interface Written {
  /** The lines of the samples. */
  readonly lines: string[]
  /** How often the encoder pauses. */
  readonly pauses: number
}

function write (family: Family, { context = contextOf(), encoder = textEncoder } = {}): Written {
  context.writer.clear()
  const pauses = [...encodingOf(encoder, family, context)].length
  const lines = context.writer.written.toString().trimEnd().split('\n')
  return { lines: lines.filter(line => !line.startsWith('#')), pauses }
}

function encodingOf (encoder: Encoder, family: Family, context: EncodingContext): Encoding {
  if (family.type === 'histogram') return encoder.encodeHistogram(family, context)
  return family.type === 'counter' ? encoder.encodeCounter(family, context) : encoder.encodeGauge(family, context)
}

t.test('writes the series of a counter, also those that are added later', async t => {
  const family = new CounterFamily({ name: 'c_total', help: 'C', labels: rules('a', 'b') })
  family.admit(['x"', 'y'])
  family.increase(family.admit(['longer', '']), 2 ** 40)
  const context = contextOf({ pod: 'p' })
  const lines = ['c_total{a="x\\"",b="y",pod="p"} 0', `c_total{a="longer",b="",pod="p"} ${2 ** 40}`]
  t.strictSame(write(family, { context }).lines, lines)
  family.increase(family.admit(['new', '']), 7.5)
  t.strictSame(write(family, { context }).lines, [...lines, 'c_total{a="new",b="",pod="p"} 7.5'])
})

t.test('writes any value of a gauge, and no braces without labels', async t => {
  const bare = new GaugeFamily({ name: 'g', help: 'G' })
  for (const value of [0, -0, 1, -1, 0.1, 2 ** 31 - 1, 2 ** 31, -1e21, 5e-324]) {
    bare.set(0, value)
    t.strictSame(write(bare).lines, [`g ${value === 0 ? 0 : value}`])
  }
  t.strictSame(write(bare, { context: contextOf({ pod: 'p' }) }).lines, ['g{pod="p"} 5e-324'])
})

t.test('leaves out a removed series, and writes a new series at its index from the next scrape on', async t => {
  const family = new CounterFamily({ name: 'c', help: 'C', labels: rules('a') })
  const context = contextOf()
  for (let i = 0; i < 300; i++) family.increase(family.admit([`${i}`]), i)
  const line = (i: number): string => `c{a="${i}"} ${i}`
  const all = Array.from({ length: 300 }, (_, i) => line(i))
  t.strictSame(write(family, { context }).lines, all)
  for (const ended of [5, 130, 299]) family.remove(ended)
  t.strictSame(write(family, { context }).lines, all.filter((_, i) => ![5, 130, 299].includes(i)))

  const encoding = encodingOf(textEncoder, family, context)
  context.writer.clear()
  encoding.next()
  // A series that was already written gets an index that the encoder has not reached. It must not be written twice.
  family.remove(7)
  family.remove(298)
  t.equal(family.admit(['7']), 298)
  family.increase(298, 1000)
  while (encoding.next().done !== true);
  t.equal(context.writer.written.toString().match(/c\{a="7"\}/g)?.length, 1)
  t.strictSame(write(family, { context }).lines.filter(line => line.includes('"7"')), ['c{a="7"} 1000'])
})

t.test('writes cumulative buckets, then the sum and the count', async t => {
  const family = new HistogramFamily({ name: 'd', help: 'D', labels: rules('a', 'b'), buckets: [0.5, 1] })
  const first = family.admit(['x', 'é"'])
  for (const value of [0.5, 0.75, 1, 2, 3.25]) family.record(first, value)
  family.admit(['longer', ''])
  const [labels, empty] = ['a="x",b="é\\"",pod="p"', 'a="longer",b="",pod="p"']
  const lines = [
    `d_bucket{${labels},le="0.5"} 1`,
    `d_bucket{${labels},le="1"} 3`,
    `d_bucket{${labels},le="+Inf"} 5`,
    `d_sum{${labels}} 7.5`,
    `d_count{${labels}} 5`,
    `d_bucket{${empty},le="0.5"} 0`,
    `d_bucket{${empty},le="1"} 0`,
    `d_bucket{${empty},le="+Inf"} 0`,
    `d_sum{${empty}} 0`,
    `d_count{${empty}} 0`
  ]
  const context = contextOf({ pod: 'p' })
  t.strictSame(write(family, { context }).lines, lines)
  const openMetrics = write(family, { context, encoder: openMetricsEncoder })
  t.strictSame(openMetrics.lines, lines.map(line => line.replace('le="1"', 'le="1.0"')))
})

t.test('writes a histogram without labels, and counts above 32 bits', async t => {
  const family = new HistogramFamily({ name: 'd', help: 'D', buckets: [0.5, 1] })
  const { numbers, offset } = family.refTo(0)
  numbers.set([1e21, 2 ** 31 - 1, 1, 2 ** 40], offset)
  t.strictSame(write(family).lines, [
    `d_bucket{le="0.5"} ${2 ** 31 - 1}`,
    `d_bucket{le="1"} ${2 ** 31}`,
    `d_bucket{le="+Inf"} ${2 ** 31 + 2 ** 40}`,
    'd_sum 1e+21',
    `d_count ${2 ** 31 + 2 ** 40}`
  ])
})

t.test('pauses regularly between series', async t => {
  const histogram = new HistogramFamily({ name: 'd', help: 'D', labels: rules('a'), buckets: [1] })
  const counter = new CounterFamily({ name: 'c', help: 'C', labels: rules('a') })
  for (let i = 0; i < 1000; i++) {
    histogram.admit([`${i}`])
    counter.admit([`${i}`])
  }
  t.equal(write(histogram).pauses, 62)
  t.equal(write(counter).pauses, 7)
})

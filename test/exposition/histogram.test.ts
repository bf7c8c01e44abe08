import t from 'tap'
import { ByteWriter } from '../../lib/exposition/byte-writer.js'
import { HistogramRenderer } from '../../lib/exposition/histogram.js'
import { openMetrics } from '../../lib/exposition/openmetrics.js'
import { text } from '../../lib/exposition/text.js'
import type { HistogramSource } from '../../lib/registry/registry.js'

/** A source whose series lie behind one another on one page: each a sum, two buckets and `+Inf`. */
function sourceOf (series: ReadonlyArray<{ readonly labels: Record<string, string>, readonly numbers: readonly [number, number, number, number] }>): HistogramSource {
  const page = Float64Array.from(series.flatMap(({ numbers }) => numbers))
  return { name: 'd', bounds: [0.5, 1], series, pages: [page], seriesPerPage: series.length }
}

function write (renderer: HistogramRenderer, format = text): { readonly text: string, readonly pauses: number } {
  const writer = new ByteWriter(16)
  const pauses = [...renderer.write(writer, format)].length
  return { text: writer.written.toString(), pauses }
}

t.test('writes counts cumulatively, and the sum and count behind them', async t => {
  const source = sourceOf([{ labels: { a: 'x', b: 'é"' }, numbers: [2.5, 1, 2, 3] }, { labels: { a: 'longer', b: '' }, numbers: [0, 0, 0, 0] }])
  const renderer = new HistogramRenderer(source, { pod: 'p' })
  const lines = [
    'd_bucket{a="x",b="é\\"",pod="p",le="0.5"} 1', 'd_bucket{a="x",b="é\\"",pod="p",le="1"} 3', 'd_bucket{a="x",b="é\\"",pod="p",le="+Inf"} 6',
    'd_sum{a="x",b="é\\"",pod="p"} 2.5', 'd_count{a="x",b="é\\"",pod="p"} 6',
    'd_bucket{a="longer",b="",pod="p",le="0.5"} 0', 'd_bucket{a="longer",b="",pod="p",le="1"} 0', 'd_bucket{a="longer",b="",pod="p",le="+Inf"} 0',
    'd_sum{a="longer",b="",pod="p"} 0', 'd_count{a="longer",b="",pod="p"} 0', ''
  ]
  t.strictSame(write(renderer).text.split('\n'), lines)
  t.strictSame(write(renderer, openMetrics).text.split('\n'), lines.map(line => line.replace('le="1"', 'le="1.0"')))
})

t.test('writes counts that no integer of 32 bits holds', async t => {
  const { text } = write(new HistogramRenderer(sourceOf([{ labels: { a: 'x' }, numbers: [1e21, 2 ** 31 - 1, 1, 2 ** 40] }]), {}))
  t.match(text, `le="0.5"} ${2 ** 31 - 1}\n`)
  t.match(text, `le="1"} ${2 ** 31}\n`)
  t.match(text, `le="+Inf"} ${2 ** 31 + 2 ** 40}\nd_sum{a="x"} 1e+21\nd_count{a="x"} ${2 ** 31 + 2 ** 40}\n`)
})

t.test('pauses between series, again and again', async t => {
  const source = sourceOf(Array.from({ length: 100 }, (_, i) => ({ labels: { a: String(i) }, numbers: [0, 0, 0, 0] as const })))
  t.ok(write(new HistogramRenderer(source, {})).pauses >= 5)
})

t.test('fits default labels that say the same', async t => {
  const renderer = new HistogramRenderer(sourceOf([]), { pod: 'p' })
  t.equal(renderer.fits({ pod: 'p' }), true)
  t.equal(renderer.fits({ pod: 'q' }), false)
  t.equal(renderer.fits({}), false)
})

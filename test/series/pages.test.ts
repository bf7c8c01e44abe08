import t from 'tap'
import { Pages } from '../../lib/series/pages.js'

const pagesOf = (limit: number): Pages => new Pages({ width: 2, limit, tracksWrites: false })

const SIZES: ReadonlyArray<readonly [limit: number, series: number]> =
  [[1, 1], [2, 2], [3, 4], [100, 128], [128, 128], [2001, 128], [Infinity, 128]]

t.test('sizes a page for the limit of series: a power of two, at most 128', async t => {
  for (const [limit, series] of SIZES) {
    const pages = pagesOf(limit)
    pages.add()
    t.equal(pages.pageOf(0).numbers.length, 2 * series, String(limit))
  }
})

t.test('pages never move, and a new series at a free index starts at 0', async t => {
  const pages = pagesOf(Infinity)
  const first = pages.pageOf(pages.add()).numbers
  first[0] = 5
  for (let i = 1; i < 1000; i++) t.equal(pages.add(), i)
  t.equal(pages.pageOf(0).numbers, first)
  pages.free(0)
  t.equal(pages.has(0, Infinity), false)
  t.equal(pages.size, 999)
  t.equal(pages.add(), 0)
  t.strictSame([first[0], pages.size], [0, 1000])
  t.ok(pages.generationAt(0) > pages.generationAt(999), 'the new series has a later generation')
})

t.test('renumbers the generations before they exceed 32 bits', async t => {
  const pages = pagesOf(Infinity)
  for (let i = 0; i < 3; i++) pages.add()
  pages.free(1)
  pages.latestGeneration = 2 ** 32 - 1
  t.equal(pages.add(), 1)
  t.strictSame([0, 1, 2].map(index => pages.generationAt(index)), [1, 3, 2])
  t.equal(pages.latestGeneration, 3)
})

t.test('series that begin or end are counted, values are not', async t => {
  const pages = pagesOf(Infinity)
  pages.add()
  t.equal(pages.changes, 1)
  pages.add()
  pages.zero(1)
  t.equal(pages.changes, 2)
  pages.free(0)
  pages.add()
  t.equal(pages.changes, 4)
})

import t from 'tap'
import { LabelBytes } from '../../lib/exposition/label-bytes.js'
import { Pages } from '../../lib/series/pages.js'

const pagesOf = (series: number): Pages => {
  const pages = new Pages({ width: 1, labels: 0, limit: Infinity, keepsWrites: false })
  for (let i = 0; i < series; i++) pages.add([])
  return pages
}

t.test('keeps the labels of very many series, short and long, and makes those of a page again', async t => {
  const pages = pagesOf(1000)
  const texts = Array.from({ length: 1000 }, (_, i) => i % 7 === 0 ? '' : 'x'.repeat((i * 31) % 97) + String(i))
  const made: number[] = []
  const labels = new LabelBytes(pages, place => {
    made.push(place)
    return new TextEncoder().encode(texts[place])
  })
  const target = new Uint8Array(200)
  const read = (): string[] => texts.map((_, place) => {
    const length = labels.lengthOf(place)
    labels.copy(place, target, 1)
    return new TextDecoder().decode(target.subarray(1, 1 + length))
  })
  t.strictSame(read(), texts)
  t.strictSame(read(), texts)
  t.equal(made.length, 1000, 'each is made once')

  texts[300] = 'another'
  pages.free(300)
  t.equal(pages.add([]), 300)
  made.length = 0
  t.strictSame(read(), texts)
  t.strictSame(made, Array.from({ length: 128 }, (_, i) => 256 + i))
})

t.test('one that is asked for first finds those before it', async t => {
  const labels = new LabelBytes(pagesOf(10), place => new Uint8Array(place).fill(65))
  t.equal(labels.lengthOf(5), 5)
  t.equal(labels.lengthOf(2), 2)
})

t.test('takes memory by what it keeps, whatever comes first', async t => {
  const cases: ReadonlyArray<readonly [what: string, lengths: readonly number[]]> = [
    ['a long one first', [33e6, 1, 1]],
    ['a long one last', [1, 1, 33e6]],
    ['a long one first on each page', Array.from({ length: 1280 }, (_, i) => i % 128 === 0 ? 1e6 : 10)],
    ['many short ones', new Array(10_000).fill(50)]
  ]
  for (const [what, lengths] of cases) {
    const kept = lengths.reduce((sum, length) => sum + length, 0)
    const pages = pagesOf(lengths.length)
    const before = process.memoryUsage().arrayBuffers
    const labels = new LabelBytes(pages, place => new Uint8Array(lengths[place] ?? 0).fill(65))
    let longest = before
    for (const [place, length] of lengths.entries()) {
      if (labels.lengthOf(place) !== length) t.fail(`${what}: ${place}`)
      longest = Math.max(longest, process.memoryUsage().arrayBuffers)
    }
    // Of garbage no more than has been kept: what is thrown away doubles up to it.
    t.ok(longest - before < 6 * kept + 2e6, `${what}: ${longest - before} for ${kept}`)
  }
})

import t from 'tap'
import { LabelBytes } from '../../lib/exposition/label-bytes.js'

t.test('keeps the labels of very many series, short and long', async t => {
  const labels = new LabelBytes()
  const texts = Array.from({ length: 1000 }, (_, i) => i % 7 === 0 ? '' : 'x'.repeat((i * 31) % 97) + String(i))
  for (const text of texts) labels.add(new TextEncoder().encode(text))
  t.equal(labels.length, 1000)
  const target = new Uint8Array(200)
  t.strictSame(texts.map((_, i) => {
    labels.copy(i, target, 1)
    return new TextDecoder().decode(target.subarray(1, 1 + labels.lengthOf(i)))
  }), texts)
})

t.test('takes memory by what it keeps, whatever comes first', async t => {
  const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(65)
  const cases: ReadonlyArray<readonly [what: string, lengths: readonly number[]]> = [
    ['a long one first', [33e6, 1, 1]],
    ['a long one last', [1, 1, 33e6]],
    ['a long one first on each page', Array.from({ length: 1280 }, (_, i) => i % 128 === 0 ? 1e6 : 10)],
    ['many short ones', new Array(10_000).fill(50)]
  ]
  for (const [what, lengths] of cases) {
    const kept = lengths.reduce((sum, length) => sum + length, 0)
    const before = process.memoryUsage().arrayBuffers
    const labels = new LabelBytes()
    let longest = before
    for (const length of lengths) {
      labels.add(bytes(length))
      longest = Math.max(longest, process.memoryUsage().arrayBuffers)
    }
    // Of garbage no more than has been kept: what is thrown away doubles up to it.
    t.ok(longest - before < 6 * kept + 2e6, `${what}: ${longest - before} for ${kept}`)
    t.equal(labels.lengthOf(lengths.length - 1), lengths.at(-1))
  }
})

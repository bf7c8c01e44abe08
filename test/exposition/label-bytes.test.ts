import t from 'tap'
import { LabelBytes } from '../../lib/exposition/label-bytes.js'
import { LabelValues } from '../../lib/series/label-values.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

t.test('keeps very many values, short and long, and makes those of a page again', async t => {
  const texts = Array.from({ length: 1000 }, (_, i) => `${'x'.repeat((i * 31) % 97)}${i}`)
  const values = new LabelValues()
  for (const text of texts) values.use(text)
  const made: string[] = []
  const bytes = new LabelBytes(values, text => {
    made.push(text)
    return bytesOf(text)
  })
  const target = new Uint8Array(200)
  const read = (): string[] => texts.map((_, id) => {
    const length = bytes.lengthOf(id)
    t.equal(bytes.copyTo(id, target, 1), 1 + length)
    return new TextDecoder().decode(target.subarray(1, 1 + length))
  })
  t.strictSame(read(), texts)
  t.strictSame(read(), texts)
  t.equal(made.length, 1000, 'each is made once')

  values.release(300)
  texts[300] = ''
  read() // while nothing is there
  texts[300] = 'another'
  t.equal(values.use('another'), 300)
  made.length = 0
  t.strictSame(read(), texts)
  t.strictSame(made, texts.slice(256, 384))
})

t.test('one that is asked for first finds those before it', async t => {
  const values = new LabelValues(['a', 'bb', 'ccc', 'dddd'])
  const bytes = new LabelBytes(values, bytesOf)
  t.strictSame([bytes.lengthOf(2), bytes.lengthOf(0)], [3, 1])
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
    const values = new LabelValues(lengths.map((_, i) => String(i)))
    const before = process.memoryUsage().arrayBuffers
    const bytes = new LabelBytes(values, text => new Uint8Array(lengths[Number(text)] ?? 0).fill(65))
    let longest = before
    for (const [id, length] of lengths.entries()) {
      if (bytes.lengthOf(id) !== length) t.fail(`${what}: ${id}`)
      longest = Math.max(longest, process.memoryUsage().arrayBuffers)
    }
    // Of garbage no more than has been kept: what is thrown away doubles up to it.
    t.ok(longest - before < 6 * kept + 2e6, `${what}: ${longest - before} for ${kept}`)
  }
})

import t from 'tap'
import { LabelBytes } from '../../lib/exposition/label-bytes.js'
import { LabelValues } from '../../lib/series/label-values.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

t.test('encodes each value once, and all values of a page again when one of them changes', async t => {
  const texts = Array.from({ length: 1000 }, (_, i) => `${'x'.repeat((i * 31) % 97)}${i}`)
  const values = new LabelValues()
  for (const text of texts) values.use(text)
  const encoded: string[] = []
  const bytes = new LabelBytes(values, text => {
    encoded.push(text)
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
  t.equal(encoded.length, 1000, 'each value is encoded once')

  values.release(300)
  texts[300] = ''
  read() // while the id has no value
  texts[300] = 'another'
  t.equal(values.use('another'), 300)
  encoded.length = 0
  t.strictSame(read(), texts)
  t.strictSame(encoded, texts.slice(256, 384))
})

t.test('reads the values of a page in any order', async t => {
  const values = new LabelValues(['a', 'bb', 'ccc', 'dddd'])
  const bytes = new LabelBytes(values, bytesOf)
  t.strictSame([bytes.lengthOf(2), bytes.lengthOf(0)], [3, 1])
})

t.test('uses memory in proportion to the length of the values', async t => {
  const cases: ReadonlyArray<readonly [name: string, lengths: readonly number[]]> = [
    ['a long value first', [33e6, 1, 1]],
    ['a long value last', [1, 1, 33e6]],
    ['a long value first on each page', Array.from({ length: 1280 }, (_, i) => i % 128 === 0 ? 1e6 : 10)],
    ['many short values', new Array(10_000).fill(50)]
  ]
  for (const [name, lengths] of cases) {
    const total = lengths.reduce((sum, length) => sum + length, 0)
    const values = new LabelValues(lengths.map((_, i) => String(i)))
    const before = process.memoryUsage().arrayBuffers
    const bytes = new LabelBytes(values, text => new Uint8Array(lengths[Number(text)] ?? 0).fill(65))
    let peak = before
    for (const [id, length] of lengths.entries()) {
      if (bytes.lengthOf(id) !== length) t.fail(`${name}: ${id}`)
      peak = Math.max(peak, process.memoryUsage().arrayBuffers)
    }
    // Garbage is no larger than the values: a buffer that is replaced doubles up to their length.
    t.ok(peak - before < 6 * total + 2e6, `${name}: ${peak - before} for ${total}`)
  }
})

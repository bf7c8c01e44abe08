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

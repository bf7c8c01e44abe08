import t from 'tap'
import { ByteWriter, MAX_SMALL } from '../../lib/exposition/byte-writer.js'

t.test('writes text, bytes and counts one behind the other', async t => {
  const writer = new ByteWriter(64)
  writer.text('é🏍 ')
  writer.bytes(new TextEncoder().encode('ab'))
  writer.ascii('-c')
  writer.newline()
  writer.block(new TextEncoder().encode('def'))
  writer.removeLast()
  t.equal(writer.written.toString(), 'é🏍 ab-c\nde')
  t.equal(writer.length, writer.written.length)
})

t.test('writes counts as numbers are written', async t => {
  for (const value of [0, 7, 9, 10, 99, 100, 12345, 999_999_999, 1e9, MAX_SMALL]) {
    const writer = new ByteWriter(64)
    writer.count(value)
    t.equal(writer.written.toString(), String(value))
  }
})

t.test('grows for what is longer, and keeps what stands there', async t => {
  const writer = new ByteWriter(4)
  writer.text('abcd')
  writer.text('é'.repeat(100))
  t.equal(writer.written.toString(), `abcd${'é'.repeat(100)}`)
  writer.reserve(1000)
  writer.bytes(new Uint8Array(1000).fill(97))
  t.equal(writer.length, 1204)

  const small = new ByteWriter(8)
  small.text('日本語🏍')
  t.equal(small.written.toString(), '日本語🏍')
})

t.test('begins anew after a clear', async t => {
  const writer = new ByteWriter(4)
  writer.text('ab')
  writer.clear()
  writer.text('c')
  t.equal(writer.written.toString(), 'c')
})

import t from 'tap'
import { ByteWriter, MAX_COUNT } from '../../lib/exposition/byte-writer.js'

t.test('appends text and bytes in order, and removes the last byte', async t => {
  const writer = new ByteWriter(64)
  writer.writeText('é🏍 ')
  writer.writeBytes(new TextEncoder().encode('ab'))
  writer.writeAscii('-c')
  writer.writeNewline()
  writer.writeBlock(new TextEncoder().encode('def'))
  writer.removeLast()
  t.equal(writer.written.toString(), 'é🏍 ab-c\nde')
  t.equal(writer.length, writer.written.length)
})

t.test('writes a count in decimal digits', async t => {
  for (const value of [0, 7, 9, 10, 99, 100, 12345, 999_999_999, 1e9, MAX_COUNT]) {
    const writer = new ByteWriter(64)
    writer.writeCount(value)
    t.equal(writer.written.toString(), String(value))
  }
})

t.test('grows when the buffer is full, and keeps what it has written', async t => {
  const writer = new ByteWriter(4)
  writer.writeText('abcd')
  writer.writeText('é'.repeat(100))
  t.equal(writer.written.toString(), `abcd${'é'.repeat(100)}`)
  writer.reserve(1000)
  writer.writeBytes(new Uint8Array(1000).fill(97))
  t.equal(writer.length, 1204)

  const small = new ByteWriter(8)
  small.writeText('日本語🏍')
  t.equal(small.written.toString(), '日本語🏍')
})

t.test('starts from the beginning after clear()', async t => {
  const writer = new ByteWriter(4)
  writer.writeText('ab')
  writer.clear()
  writer.writeText('c')
  t.equal(writer.written.toString(), 'c')
})

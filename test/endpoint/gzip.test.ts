import * as zlib from 'node:zlib'
import t from 'tap'
import { compressorFor, InlineGzip, ThreadedGzip } from '../../lib/endpoint/gzip.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

for (const Gzip of [InlineGzip, ThreadedGzip]) {
  /** Compresses chunks one after the other, in one buffer that is written over. */
  const compress = async (chunks: readonly string[]): Promise<Buffer> => {
    const { promise: ended, resolve: end, reject: fail } = promiseWithResolvers()
    const compressed: Uint8Array[] = []
    const gzip = new Gzip({ respond: bytes => { compressed.push(bytes) }, end, fail })
    const buffer = Buffer.alloc(2_000_000)
    for (const chunk of chunks) {
      const length = buffer.write(chunk)
      await new Promise<void>((resolve, reject) => { gzip.write(buffer.subarray(0, length), err => { if (err) reject(err); else resolve() }) })
      buffer.fill(0)
    }
    gzip.end()
    await ended
    gzip.destroy()
    return Buffer.concat(compressed)
  }

  const SCRAPES: Readonly<Record<string, readonly string[]>> = {
    nothing: [],
    'one chunk': ['a_total 1\n'],
    'an empty chunk': ['', 'a 1\n'],
    'several chunks': Array.from({ length: 5 }, (_, i) => `series{number="${i}"} 1\n`.repeat(20_000)),
    'text that hardly shrinks': Array.from({ length: 3 }, () => Array.from({ length: 100_000 }, () => String.fromCharCode(32 + Math.random() * 90)).join(''))
  }
  for (const [name, chunks] of Object.entries(SCRAPES)) {
    t.test(`${Gzip.name} makes one gzip of ${name}`, async t => {
      const compressed = await compress(chunks)
      t.ok(zlib.gunzipSync(compressed).equals(Buffer.from(chunks.join(''))))
    })
  }
}

t.test('InlineGzip is done with a chunk when it returns', async t => {
  const seen: string[] = []
  const gzip = new InlineGzip({ respond: () => { seen.push('bytes') }, end: () => { seen.push('end') }, fail: () => {} })
  gzip.write(Buffer.from('x'), () => { seen.push('done') })
  gzip.end()
  t.strictSame(seen, ['bytes', 'done', 'bytes', 'end'])
})

t.test('ThreadedGzip tells of an error', async t => {
  const { promise: failed, resolve: fail } = promiseWithResolvers<Error>()
  const gzip = new ThreadedGzip({ respond: () => {}, end: () => {}, fail })
  gzip.end()
  gzip.write(Buffer.from('x'), () => {})
  t.match(await failed, { code: 'ERR_STREAM_WRITE_AFTER_END' })
})

t.test('compresses in a thread where Node has no checksum', async t => {
  const target = { respond: () => {}, end: () => {}, fail: () => {} }
  t.ok(compressorFor('inline', target) instanceof InlineGzip)
  t.ok(compressorFor('threaded', target) instanceof ThreadedGzip)
  t.ok(compressorFor('inline', target, {}) instanceof ThreadedGzip)
})

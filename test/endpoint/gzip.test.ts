import { syncBuiltinESMExports } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import zlib from 'node:zlib'
import t from 'tap'
import { Gzip } from '../../lib/endpoint/gzip.js'
import type { CompressionMode } from '../../lib/exposition/chunks.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { createRandom } from '../fixtures/random.js'

const noop = (): void => {}
const { integer } = createRandom(1)

/** Compresses chunks one after another, with each of `modes` in turn. All chunks use one buffer. */
async function compress (chunks: readonly string[], modes: readonly CompressionMode[]): Promise<Buffer> {
  const { promise: ended, resolve: end, reject: fail } = promiseWithResolvers()
  const compressed: Uint8Array[] = []
  const gzip = new Gzip({ write: bytes => { compressed.push(bytes) }, end, fail })
  const buffer = Buffer.alloc(2_000_000)
  for (const [i, chunk] of chunks.entries()) {
    const length = buffer.write(chunk)
    await new Promise<void>((resolve, reject) => {
      const mode = modes[i % modes.length]! // within the array
      gzip.write(buffer.subarray(0, length), mode, err => { if (err) reject(err); else resolve() })
    })
    buffer.fill(0)
  }
  gzip.end()
  await ended
  gzip.destroy()
  return Buffer.concat(compressed)
}

const MODES: ReadonlyArray<readonly CompressionMode[]> = [
  ['inline'],
  ['threaded'],
  ['inline', 'threaded'],
  ['threaded', 'inline', 'inline'],
  ['threaded', 'threaded', 'inline']
]

const randomText = (): string =>
  Array.from({ length: 100_000 }, () => String.fromCharCode(integer(32, 121))).join('')

const SCRAPES: Readonly<Record<string, readonly string[]>> = {
  'no chunks': [],
  'one chunk': ['a_total 1\n'],
  'an empty chunk': ['', 'a 1\n'],
  'several chunks': Array.from({ length: 7 }, (_, i) => `series{number="${i}"} 1\n`.repeat(20_000)),
  'chunks that compress poorly': Array.from({ length: 4 }, randomText)
}

for (const modes of MODES) {
  for (const [name, chunks] of Object.entries(SCRAPES)) {
    t.test(`makes one gzip file of ${name}, ${modes.join(', ')}`, async t => {
      const compressed = await compress(chunks, modes)
      t.ok(zlib.gunzipSync(compressed).equals(Buffer.from(chunks.join(''))))
    })
  }
}

t.test('completes an inline chunk before write() returns', async t => {
  const seen: string[] = []
  const gzip = new Gzip({ write: () => { seen.push('bytes') }, end: () => { seen.push('end') }, fail: noop })
  gzip.write(Buffer.from('x'), 'inline', () => { seen.push('done') })
  gzip.end()
  t.strictSame(seen, ['bytes', 'done', 'bytes', 'end'])
})

t.test('reports an error of a thread', async t => {
  const { promise: failed, resolve: fail } = promiseWithResolvers<Error>()
  const gzip = new Gzip({ write: noop, end: noop, fail })
  gzip.write(Buffer.from('x'), 'threaded', noop)
  gzip.end()
  gzip.write(Buffer.from('x'), 'threaded', noop)
  t.match(await failed, { code: 'ERR_STREAM_WRITE_AFTER_END' })
})

t.test('reports an error of inline compression, also after a threaded chunk', async t => {
  const noMemory = new RangeError('no memory')
  const intercepted = t.intercept(zlib, 'deflateRawSync', { value: () => { throw noMemory } })
  syncBuiltinESMExports()
  for (const modes of [['inline'], ['threaded', 'inline']] as const) {
    await t.rejects(compress(['a', 'b'], modes), noMemory)
  }
  intercepted.restore()
  syncBuiltinESMExports()
})

t.test('calls no callback after destroy(), whatever is queued', async t => {
  const seen: string[] = []
  const gzip = new Gzip({
    write: () => { seen.push('bytes') },
    end: () => { seen.push('end') },
    fail: () => { seen.push('failed') }
  })
  const { promise: written, resolve } = promiseWithResolvers()
  gzip.write(Buffer.alloc(1_000_000), 'threaded', () => { resolve() })
  gzip.write(Buffer.from('y'), 'inline', () => { seen.push('done') })
  gzip.end()
  gzip.destroy()
  await written
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  t.strictSame(seen, [])
})

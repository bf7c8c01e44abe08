import t from 'tap'
import { detach, fitsLabel, toLabelValue, toWellFormed } from '../../lib/series/label-value.js'
import { collectGarbage } from '../fixtures/collect-garbage.js'

const longest = 'x'.repeat(256)
const tooLong = 'x'.repeat(257)

t.test('returns the text of String()', async t => {
  const values: readonly unknown[] = [
    '', 'a', 'é🏍', longest,
    0, -0, 1.5, NaN, true, null, 5n, -(2n ** 64n), Object(5n), Symbol('s'), () => 1,
    {}, { toString: () => 'text' }, new Date(0),
    [], ['a'], [1, null, undefined, 'b'], [['a', 'b'], [], ['c']], [[[[]]]], new Array(257),
    new Uint8Array(3), new Float64Array([0.5]), Buffer.from('text'), Buffer.from('é'.repeat(256))
  ]
  for (const value of values) t.equal(toLabelValue(value), String(value))
})

t.test('replaces lone surrogates, which UTF-8 cannot encode', async t => {
  const cases = [
    ['\uD83D', '\uFFFD'],
    ['\uDE80\uD83D', '\uFFFD\uFFFD'],
    ['cafe🚀'.slice(0, 5), 'cafe\uFFFD'],
    [['\uD83D', '\uDE80'], '\uFFFD,\uFFFD'],
    [{ toString: () => '\uD83D' }, '\uFFFD'],
    ['\uD83D'.repeat(256), '\uFFFD'.repeat(256)]
  ] as const
  for (const [value, text] of cases) t.equal(toLabelValue(value), text)
  t.strictSame(['🚀', 'a\uD83D', 1, null].map(toWellFormed), ['🚀', 'a\uFFFD', 1, null])
})

t.test('returns null for a text that is too long', async t => {
  const values: readonly unknown[] = [
    tooLong, 'é'.repeat(257), '🏍'.repeat(129), Symbol(tooLong), { toString: () => tooLong },
    10n ** 256n, -(10n ** 255n),
    [tooLong], [longest, ''], ['x', longest], [[longest], ['x']], new Array(258), [[new Array(200), new Array(200)]],
    new Uint8Array(258), Buffer.from(tooLong), Buffer.alloc(769)
  ]
  for (const value of values) t.equal(toLabelValue(value), null)
  t.equal(toLabelValue(10n ** 255n), String(10n ** 255n), '256 digits')
  t.strictSame([longest, tooLong].map(fitsLabel), [true, false])
})

t.test('uses little time and memory for a value that is far too long', async t => {
  const rope = tooLong.repeat(1e6) // V8 copies its characters only when they are read
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  let wide: unknown = rope
  for (let i = 0; i < 12; i++) wide = new Array(250).fill(wide)
  const values: readonly unknown[] = [
    rope, { toString: () => rope },
    [rope], new Array(1e8), new Array(250).fill(rope), cyclic, wide,
    1n << 20_000_000n, -(1n << 20_000_000n), Object(1n << 20_000_000n),
    new Uint8Array(1e9)
  ]
  const before = process.memoryUsage()
  for (const value of values) t.equal(toLabelValue(value), null)
  const after = process.memoryUsage()
  t.ok(after.heapUsed + after.external - before.heapUsed - before.external < 20e6)
})

t.test('throws the error of the value', async t => {
  t.throws(() => toLabelValue({ toString () { throw new Error('boom') } }), { message: 'boom' })
  t.throws(() => toLabelValue([Object.create(null)]), TypeError)
})

t.test('detaches a text from the longer text that it is a slice of', async t => {
  for (const text of ['', 'a', longest, 'é', '🏍', '\ud83d', '\udfcd\ud83d', 'a\0b']) t.equal(detach(text), text)
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const textOf1MB = (i: number): string => Buffer.alloc(1e6, 65 + i % 26).toString('latin1')
  const slices = Array.from({ length: 50 }, (_, i) => detach(textOf1MB(i).slice(10, 60)))
  collectGarbage()
  t.ok(process.memoryUsage().heapUsed - before < 10e6)
  t.equal(slices.length, 50)
})

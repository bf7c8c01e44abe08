import t from 'tap'
import { detach, fitsLabel, toLabelValue, toWellFormed } from '../../lib/series/label-value.js'
import { collectGarbage } from '../fixtures/collect-garbage.js'

const long = 'x'.repeat(257)
const most = 'x'.repeat(256)

t.test('gives the text that String() gives', async t => {
  const values: readonly unknown[] = [
    '', 'a', most, 0, -0, 1.5, NaN, true, null, 5n, -(2n ** 64n), Symbol('s'), () => 1, {}, { toString: () => 'text' }, new Date(0), [], ['a'], [1, null, undefined, 'b'],
    [['a', 'b'], [], ['c']], [[[[]]]], new Array(257), new Uint8Array(3), Buffer.from('text'), Buffer.from('é'.repeat(256)), new Float64Array([0.5]), Object(5n), 'é🏍'
  ]
  for (const value of values) t.equal(toLabelValue(value), String(value))
})

t.test('gives the text that UTF-8 can hold', async t => {
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

t.test('gives none for what is too long', async t => {
  const values: readonly unknown[] = [
    long, [long], [most, ''], ['x', most], new Array(258), [[most], ['x']], 10n ** 256n, -(10n ** 255n), Symbol(long), { toString: () => long }, new Uint8Array(258),
    Buffer.from(long), Buffer.alloc(769), [[new Array(200), new Array(200)]], 'é'.repeat(257), '🏍'.repeat(129)
  ]
  for (const value of values) t.equal(toLabelValue(value), null)
  t.equal(toLabelValue(10n ** 255n), String(10n ** 255n), 'of 256 digits')
  t.strictSame([most, long].map(fitsLabel), [true, false])
})

t.test('takes neither time nor memory for what is far too long', async t => {
  const rope = long.repeat(1e6) // its characters are only put side by side when they are read
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  let wide: unknown = rope
  for (let i = 0; i < 12; i++) wide = new Array(250).fill(wide)
  const values: readonly unknown[] = [
    rope, [rope], new Array(1e8), new Array(250).fill(rope), cyclic, wide, 1n << 20_000_000n, -(1n << 20_000_000n), Object(1n << 20_000_000n), new Uint8Array(1e9), { toString: () => rope }
  ]
  const before = process.memoryUsage()
  for (const value of values) t.equal(toLabelValue(value), null)
  const after = process.memoryUsage()
  t.ok(after.heapUsed + after.external - before.heapUsed - before.external < 20e6)
})

t.test('throws what the value throws', async t => {
  t.throws(() => toLabelValue({ toString () { throw new Error('boom') } }), { message: 'boom' })
  t.throws(() => toLabelValue([Object.create(null)]), TypeError)
})

t.test('a copy equals its text and does not keep what that was cut from', async t => {
  for (const text of ['', 'a', most, 'é', '🏍', '\ud83d', '\udfcd\ud83d', 'a\0b']) t.equal(detach(text), text)
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 50 }, (_, i) => detach(Buffer.alloc(1e6, 65 + i % 26).toString('latin1').slice(10, 60)))
  collectGarbage()
  t.ok(process.memoryUsage().heapUsed - before < 10e6)
  t.equal(kept.length, 50)
})

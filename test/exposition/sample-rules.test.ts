import t from 'tap'
import { parseBound, isCount, addIfNew, seriesKey } from '../../lib/exposition/sample-rules.js'

const BOUNDS: ReadonlyArray<readonly [value: unknown, bound: number]> =
  [[1, 1], ['1', 1], ['1.50', 1.5], ['+Inf', Infinity], ['Inf', Infinity], ['1e3', 1000], [-1, -1]]

t.test('a bound is a number or a string that contains a number', async t => {
  for (const [value, bound] of BOUNDS) t.equal(parseBound(value), bound)
  for (const value of ['', ' ', 'x', true, undefined, null, {}, 'NaN']) {
    t.ok(Number.isNaN(parseBound(value)), String(value))
  }
})

t.test('a count is an integer and not negative', async t => {
  for (const value of [0, 1, 2 ** 60]) t.ok(isCount(value))
  for (const value of [-1, 0.5, NaN, Infinity]) t.notOk(isCount(value))
})

t.test('labels of the same series have the same key', async t => {
  t.equal(seriesKey(), '')
  t.equal(seriesKey({ b: 1, a: 'x', c: '', le: 5 }, 'le'), seriesKey({ a: 'x', b: '1' }))
  t.equal(seriesKey({ a: '\uD800' }), seriesKey({ a: '\uFFFD' }))
  t.not(seriesKey({ a: 'x,b=1:y' }), seriesKey({ a: 'x', b: 'y' }))
})

t.test('a key is new only the first time', async t => {
  const seen = new Set<string>()
  t.strictSame([addIfNew('a', seen), addIfNew('a', seen), addIfNew('b', seen)], [true, false, true])
})

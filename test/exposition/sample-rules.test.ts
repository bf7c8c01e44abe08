import t from 'tap'
import { boundOf, isCount, isNew, keyOf } from '../../lib/exposition/sample-rules.js'

t.test('a bound is a number or the text of one', async t => {
  for (const [given, bound] of [
    [1, 1],
    ['1', 1],
    ['1.50', 1.5],
    ['+Inf', Infinity],
    ['Inf', Infinity],
    ['1e3', 1000],
    [-1, -1]
  ] as const) { t.equal(boundOf(given), bound) }
  for (const given of ['', ' ', 'x', true, undefined, null, {}, 'NaN']) {
    t.ok(Number.isNaN(boundOf(given)), String(given))
  }
})

t.test('a count is a whole number from 0 on', async t => {
  for (const value of [0, 1, 2 ** 60]) t.ok(isCount(value))
  for (const value of [-1, 0.5, NaN, Infinity]) t.notOk(isCount(value))
})

t.test('labels have one key where they are one series', async t => {
  t.equal(keyOf(), '')
  t.equal(keyOf({ b: 1, a: 'x', c: '', le: 5 }, 'le'), keyOf({ a: 'x', b: '1' }))
  t.equal(keyOf({ a: '\uD800' }), keyOf({ a: '\uFFFD' }))
  t.not(keyOf({ a: 'x,b=1:y' }), keyOf({ a: 'x', b: 'y' }))
})

t.test('a key is new once', async t => {
  const seen = new Set<string>()
  t.strictSame([isNew('a', seen), isNew('a', seen), isNew('b', seen)], [true, false, true])
})

import t from 'tap'
import fc from 'fast-check'
import { Registry } from 'prom-client'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { received } from '../../lib/util/received.js'
import { unexpectedValue } from '../fixtures/unexpected-values.js'

class Point { x = 1 }

t.test('shows strings in double quotes and anything else one level deep, on one line', async t => {
  const cases: ReadonlyArray<readonly [value: unknown, shown: string]> = [
    ['9464', 'the string "9464"'],
    ['', 'the string ""'],
    ['a "b"\n', 'the string "a \\"b\\"\\n"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [-0.5, '-0.5'],
    [5n, '5n'],
    [Symbol('a'), 'Symbol(a)'],
    [Symbol(), 'Symbol()'], // eslint-disable-line symbol-description -- that is the case
    [function size () {}, '[Function: size]'],
    [() => {}, '[Function]'],
    [/^a/g, '/^a/'],
    [[], '[]'],
    [['a', 1, [2], { b: 3 }], "[ 'a', 1, [ 2 ], { b: 3 } ]"],
    [[[[1]]], '[ [ [Array] ] ]'],
    [{}, '{}'],
    [Object.create(null), '{}'],
    [{ a: { b: { c: 1 } } }, '{ a: { b: [Object] } }'],
    [{ 'a-b': 'x\ny' }, "{ 'a-b': 'x\\ny' }"],
    [new Point(), 'Point { x: 1 }'],
    [new Map([[1, 2]]), 'Map {}'],
    [Promise.resolve(), 'Promise {}'],
    [new TypeError('boom'), '[TypeError: boom]'],
    [Object('a'), '[String]'],
    [Buffer.from('a'), '[Buffer]'],
    [{ get a () { throw new Error('read') } }, '{ a: [Getter] }'],
    [{ [Symbol.toStringTag]: 'x', inspect: 1 }, '{ inspect: 1 }'],
    [Object.assign(() => {}, { constructor: 5 }), '[Function]'],
    [{ constructor: 5 }, '{ constructor: 5 }'],
    [new Proxy({}, {}), '[Proxy]'],
    [new Proxy(() => {}, {}), '[Proxy]']
  ]
  for (const [value, shown] of cases) t.equal(received(value), shown)
  t.match(received(new Registry()), /^Registry \{ _metrics: /)
})

t.test('returns a short text for a large value', async t => {
  const long = 'x'.repeat(1000)
  const cases: ReadonlyArray<readonly [value: unknown, shown: string]> = [
    [long, 'a string of 1000 characters'],
    [[long], '[ [a string of 1000 characters] ]'],
    [{ [long]: 1 }, '{ [a string of 1000 characters]: 1 }'],
    [Symbol(long), 'Symbol'],
    [new RegExp(long), '[RegExp]'],
    [new Error(long), '[Error: ]'],
    [2n ** 200n, '[a bigint of more than 128 bits]'],
    [-(2n ** 200n), '[a bigint of more than 128 bits]'],
    [Array.from({ length: 12 }, (_, i) => i), '[ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... 2 more ]'],
    [new Array(1e7), /^\[ undefined, .*\.\.\. 9999990 more \]$/.source],
    [
      Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, i])),
      '{ k0: 0, k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, k6: 6, k7: 7, k8: 8, k9: 9, ... 2 more }'
    ],
    [new Uint8Array(1e7), '[Uint8Array]']
  ]
  for (const [value, shown] of cases) {
    if (shown.startsWith('^')) t.match(received(value), new RegExp(shown))
    else t.equal(received(value), shown)
  }
})

t.test('does not throw or run code of the value', async t => {
  fc.assert(fc.property(unexpectedValue, make => {
    const value = make()
    ignoreRejection(value)
    t.ok(received(value).length < 40_000)
    t.type(received({ value, list: [value] }), 'string')
  }), { numRuns: 1000, seed: 9 })
})

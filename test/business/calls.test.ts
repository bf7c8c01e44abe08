import t from 'tap'
import { mergeLabels, readCall, copyLabels, readRun, InvalidCall } from '../../lib/business/calls.js'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'

t.test('reads labels and value from every form of a call', async t => {
  const labels = { a: 'x' }
  const cases: ReadonlyArray<readonly [args: unknown[], labels: unknown, value: unknown]> = [
    [[], undefined, undefined],
    [[5], undefined, 5],
    [[labels], labels, undefined],
    [[labels, 5], labels, 5],
    [[undefined, 5], undefined, 5],
    [[null], undefined, null],
    [['5'], undefined, '5'],
    [[5, labels], undefined, [5, labels]]
  ]
  for (const [args, ...expected] of cases) t.strictSame(readCall(args), expected)
})

t.test('accepts objects as labels, but not arrays, dates or boxed values', async t => {
  const given = Object.assign(new Error('boom'), { status: 'bad' })
  t.strictSame(copyLabels(given), { status: 'bad' }, 'as the fast path of a call does')
  class Labels { readonly status = 'ok' }
  t.strictSame(copyLabels(new Labels()), { status: 'ok' })
  const wrong: readonly unknown[] = [
    [], ['a'], Object.assign([], { status: 'ok' }), new Date(), new Map([['status', 'ok']]), new Uint8Array(2),
    Object('ab'), Object(5), 'ab', 5, null
  ]
  for (const value of wrong) t.match(copyLabels(value), { problem: 'its labels must be an object' })
})

t.test('runs the function of a call whatever precedes or follows it', async t => {
  const fn = () => 1
  const labels = { a: 'x' }
  const right: ReadonlyArray<readonly [args: unknown[], labels: unknown]> = [
    [[fn], undefined], [[fn, undefined], undefined], [[fn, 0, [fn]], undefined], [[labels, fn], labels],
    [[undefined, fn], undefined], [[null, fn], null], [['x', fn], 'x'], [[5, fn, labels], 5]
  ]
  for (const [args, labels] of right) t.strictSame(readRun(args), [labels, fn])
  const swapped = readRun([fn, labels])
  t.match(swapped, [new InvalidCall('its labels must come before the function', labels)])
  t.equal(swapped[1], fn)
})

t.test('reports a call without a function, and runs nothing', async t => {
  for (const args of [[], [undefined], [null], [{ a: 'x' }], [{ a: 'x' }, 5], ['x', null]]) {
    const [labels, run] = readRun(args)
    t.match(labels, { problem: 'it has no function to run' })
    t.equal(run(), undefined)
  }
})

t.test('reads every own label of a call once', async t => {
  let reads = 0
  const given = Object.create({ b: 'inherited' }, { a: { enumerable: true, get: () => ++reads } })
  t.strictSame(copyLabels(given), { a: 1 })
  t.strictSame(copyLabels(undefined), {})
  t.strictSame(copyLabels(Object.create(null)), {})
})

t.test('reports labels that are not an object or cannot be read', async t => {
  const wrong = new InvalidCall('it has no function to run', undefined)
  t.equal(copyLabels(wrong), wrong)
  for (const value of [null, false, 0, '', 'x', [], ['a'], new Map(), () => {}, new Uint8Array(1e8), new Array(1e8)]) {
    t.match(copyLabels(value), { problem: 'its labels must be an object' })
  }
  t.match(copyLabels({ get a () { throw new Error('boom') } }), {
    problem: 'its labels cannot be read', cause: { message: 'boom' }
  })
  for (const [what, make] of UNEXPECTED_VALUES) {
    const labels = make()
    ignoreRejection(labels)
    t.doesNotThrow(() => copyLabels(labels), what)
  }
})

t.test('prefers the labels of the end of a timer to those of its start', async t => {
  t.strictSame(mergeLabels('m', [{ a: 'x', b: 'y' }, undefined, { b: 'z' }]), { a: 'x', b: 'z' })
  t.strictSame(
    Object.keys(mergeLabels('m', [JSON.parse('{ "__proto__": 1 }'), { a: 'x' }])), ['__proto__', 'a'],
    'a label that a prototype could hide'
  )
  t.throws(() => mergeLabels('m', [{}, 'x']), {
    code: 'DYNOAI_METRICS_ERR_CALL',
    message: /'m' was not recorded, its labels must be an object\. Received: the string "x"/
  })
  t.throws(() => mergeLabels('m', [{ get a () { throw new Error('boom') } }]), {
    message: /cannot be read/, cause: { message: 'boom' }
  })
})

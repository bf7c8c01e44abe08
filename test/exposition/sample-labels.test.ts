import t from 'tap'
import { readDefaultLabels, copySampleLabels } from '../../lib/exposition/sample-labels.js'

const reject = (problem: string, value: unknown): Error => new Error(`${problem}: ${String(value)}`)
const read = (labels: unknown): unknown => copySampleLabels(labels, new Set(), reject)

t.test('copies labels, and converts values whose text may change to strings', async t => {
  const labels = { a: 'x', b: 1, c: true, d: undefined, e: null, f: Symbol('s'), g: 5n, h: ['i', 'j'], __proto: '' }
  t.strictSame(read(labels), {
    a: 'x',
    b: 1,
    c: true,
    d: undefined,
    e: 'null',
    f: 'Symbol(s)',
    g: '5',
    h: 'i,j',
    __proto: ''
  })
  t.not(read(labels), labels)
  t.strictSame(Object.entries(read(JSON.parse('{"__proto__":"x"}')) as object), [['__proto__', 'x']])
})

t.test('rejects a value that is not an object of labels, an invalid name, and a long value', async t => {
  for (const labels of [null, 'x', [], new Map(), new Set(), new Uint8Array(2)]) {
    t.throws(() => read(labels), { message: /not valid/ })
  }
  for (const name of ['', 'a-b', '0', 'é', '__name__', 'a\n']) {
    t.throws(() => read({ [name]: 'x' }), { message: `a sample has labels that are not valid: ${name}` })
  }
  t.doesNotThrow(() => read({ a: 'x'.repeat(2 ** 20 - 1) }))
  t.throws(() => read({ a: 'x'.repeat(2 ** 20) }), { message: /more than 1048576 characters: a/ })
  t.throws(() => read({ a: 'x'.repeat(2 ** 19), b: 'x'.repeat(2 ** 19) }), { message: /: b/ })
})

t.test('leaves out each default label that samples cannot have, and keeps the others', async t => {
  const problems: unknown[] = []
  const defaultLabels = {
    pod: 'p',
    shard: 3,
    'a-b': 1,
    le: 1,
    quantile: 1,
    long: 'x'.repeat(257),
    broken: { toString () { throw new Error('no text') } },
    get unreadable () { throw new Error('unreadable') }
  }
  t.strictSame(readDefaultLabels(defaultLabels, err => { problems.push(err) }), { pod: 'p', shard: 3 })
  t.match(problems, [
    { code: 'DYNOAI_METRICS_ERR_COLLECT', message: /'default labels'.*a-b/ },
    { message: /reserved for bounds.*"le"/ },
    { message: /reserved for bounds.*"quantile"/ },
    { message: /more than 256 characters.*"long"/ },
    { message: 'no text' },
    { message: 'unreadable' }
  ])
  t.equal(problems.length, 6)
})

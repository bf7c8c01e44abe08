import t from 'tap'
import { checkFamily } from '../../lib/exposition/family.js'

t.test('takes what prom-client gives as it is', async t => {
  const values = [
    { labels: { a: 1, b: undefined }, value: NaN }, { labels: {}, value: 2, metricName: 'd:seconds_sum', exemplar: null }, { value: 3 },
    { labels: { le: 5 }, value: 1, metricName: 'd_bucket', exemplar: { labelSet: { trace: 'x' }, value: 1, timestamp: 2 } }
  ]
  t.strictSame(checkFamily('d', { name: 'd', help: 'H', type: 'histogram', values, aggregator: 'sum' }), { name: 'd', help: 'H', type: 'histogram', rows: values })
  t.strictSame(checkFamily('d:x', { type: 'gauge' }), { name: 'd:x', help: '', type: 'gauge', rows: [] })
  t.strictSame(checkFamily('d', { values: [{ value: 1, labels: { object: { toString: () => 'text' } } }] }).rows.length, 1)
})

const unreadable = { toString () { throw new Error('no text') } }

const WRONG: ReadonlyArray<readonly [name: string, given: unknown, problem: RegExp]> = [
  ['a-b', { values: [] }, /its name is none.*'a-b'/],
  ['', { values: [] }, /its name is none/],
  ['a', null, /it must give an object.*'null'/],
  ['a', 'text', /it must give an object/],
  ['a', { values: 'x' }, /its values must be an array.*'x'/],
  ['a', { values: [1] }, /a sample must be an object.*'1'/],
  ['a', { values: [{ value: '1' }] }, /must be a number.*'1'/],
  ['a', { values: [{}] }, /must be a number.*'undefined'/],
  ['a', { values: [{ value: 1n }] }, /must be a number.*'1n'/],
  ['a', { values: [{ value: 1, metricName: 'a b' }] }, /a name that is none.*'a b'/],
  ['a', { values: [{ value: 1, metricName: 5 }] }, /a name that is none/],
  ['a', { values: [{ value: 1, labels: [] }] }, /labels that are none/],
  ['a', { values: [{ value: 1, labels: { 'x-y': 1 } }] }, /labels that are none.*x-y/],
  ['a', { values: [{ value: 1, labels: { ok: 1 } }, { value: 1, labels: { ok: 1, 'x"': 1 } }] }, /labels that are none/],
  ['a', { values: [{ value: 1, exemplar: { labelSet: { 0: 'x' }, value: 1 } }] }, /an exemplar that is none/],
  ['a', { values: [{ value: 1, exemplar: { value: '1' } }] }, /an exemplar that is none/],
  ['a', { values: [{ value: 1, exemplar: { value: 1, timestamp: 'now' } }] }, /an exemplar that is none/]
]

t.test('refuses what would break the exposition of others, naming the metric', async t => {
  for (const [name, given, problem] of WRONG) {
    t.throws(() => checkFamily(name, given), { code: 'DYNOAI_METRICS_ERR_COLLECT', message: problem })
  }
  t.throws(() => checkFamily('a', { values: [{ value: 1, labels: { x: unreadable } }] }), { message: 'no text' })
  t.throws(() => checkFamily('a', { values: [{ value: 1, labels: { x: Object.assign(() => {}, unreadable) } }] }), { message: 'no text' })
})

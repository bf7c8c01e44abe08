import t from 'tap'
import { checkDefaultLabels, checkFamily } from '../../lib/exposition/family.js'
import { countTurns } from '../fixtures/turns.js'

t.test('takes what prom-client gives as it is', async t => {
  const values = [
    { labels: { a: 1, b: undefined }, value: NaN }, { labels: {}, value: 2, metricName: 'd:seconds_sum', exemplar: null },
    { labels: { le: 5 }, value: 1, metricName: 'd_bucket', exemplar: { labelSet: { trace: 'x' }, value: 1, timestamp: 2 } }
  ]
  t.strictSame(await checkFamily('d', { name: 'd', help: 'H', type: 'histogram', values, aggregator: 'sum' }), { name: 'd', help: 'H', type: 'histogram', rows: values })
  t.strictSame(await checkFamily('d:x', { type: 'gauge' }), { name: 'd:x', help: '', type: 'gauge', rows: [] })
  t.match(await checkFamily('d', { values: [{ value: 1 }] }), { rows: [{ value: 1, labels: {} }] })
})

t.test('takes the text of an object once, and leaves alone what it was given', async t => {
  let calls = 0
  const object = { toString () { return `text ${++calls}` } }
  const given = { values: [{ value: 1, labels: { a: 'x', object, list: ['a', 'b'] } }] }
  t.strictSame((await checkFamily('d', given)).rows, [{ value: 1, labels: { a: 'x', object: 'text 1', list: 'a,b' } }])
  t.equal(given.values[0]?.labels.object, object)
})

t.test('gives the event loop back between many rows', async t => {
  const { turns, stop } = countTurns()
  await checkFamily('d', { values: Array.from({ length: 20_000 }, (_, i) => ({ labels: { i }, value: i })) })
  stop()
  t.ok(turns() >= 5, `${turns()} turns`)
})

t.test('refuses default labels that no sample could have', async t => {
  t.strictSame(checkDefaultLabels({ pod: 'p', shard: 3 }), { pod: 'p', shard: 3 })
  t.throws(() => checkDefaultLabels({ 'a-b': 1 }), { code: 'DYNOAI_METRICS_ERR_COLLECT', message: /'default labels'.*a-b/ })
})

const unreadable = { toString () { throw new Error('no text') } }

const WRONG: ReadonlyArray<readonly [name: string, given: unknown, problem: RegExp]> = [
  ['a-b', { values: [] }, /its name is not valid.*'a-b'/],
  ['', { values: [] }, /its name is not valid/],
  ['a', null, /it must give an object.*'null'/],
  ['a', 'text', /it must give an object/],
  ['a', { values: 'x' }, /its values must be an array.*'x'/],
  ['a', { values: [1] }, /a sample must be an object.*'1'/],
  ['a', { values: [{ value: '1' }] }, /must be a number.*'1'/],
  ['a', { values: [{}] }, /must be a number.*'undefined'/],
  ['a', { values: [{ value: 1n }] }, /must be a number.*'1n'/],
  ['a', { values: [{ value: 1, metricName: 'a b' }] }, /a name that is not valid.*'a b'/],
  ['a', { values: [{ value: 1, metricName: 5 }] }, /a name that is not valid/],
  ['a', { values: [{ value: 1, labels: [] }] }, /labels that are not valid/],
  ['a', { values: [{ value: 1, labels: { 'x-y': 1 } }] }, /labels that are not valid.*x-y/],
  ['a', { values: [{ value: 1, labels: { ok: 1 } }, { value: 1, labels: { ok: 1, 'x"': 1 } }] }, /labels that are not valid/],
  ['a', { values: [{ value: 1, exemplar: { labelSet: { 0: 'x' }, value: 1 } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, exemplar: { value: '1' } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, exemplar: { value: 1, timestamp: 'now' } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, exemplar: { value: 1, timestamp: NaN } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, labels: { __name__: 'evil' } }] }, /labels that are not valid/]
]

t.test('refuses what would break the exposition of others, naming the metric', async t => {
  for (const [name, given, problem] of WRONG) {
    await t.rejects(checkFamily(name, given), { code: 'DYNOAI_METRICS_ERR_COLLECT', message: problem })
  }
  await t.rejects(checkFamily('a', { values: [{ value: 1, labels: { x: unreadable } }] }), { message: 'no text' })
  await t.rejects(checkFamily('a', { values: [{ value: 1, labels: { x: Object.assign(() => {}, unreadable) } }] }), { message: 'no text' })
})

import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import { checkFamily as check } from '../../lib/exposition/check-family.js'
import type { CheckOptions, CollectedFamily } from '../../lib/exposition/check-family.js'
import { countTurns } from '../fixtures/turns.js'

type Options = Omit<CheckOptions, 'scheduler'>

const checkFamily = async (name: string, collected: unknown, options: Options = {}): Promise<CollectedFamily> =>
  await check(name, collected, { scheduler: new Scheduler(), ...options })

t.test('accepts the output of prom-client', async t => {
  const exemplar = { labelSet: { trace: 'x' }, value: 1, timestamp: 2 }
  const values = [
    { labels: { le: 5, a: 1, b: undefined }, value: 1, metricName: 'd:s_bucket', exemplar },
    { labels: { le: '+Inf', a: 1, b: undefined }, value: 1, metricName: 'd:s_bucket', exemplar: null },
    { labels: { a: 1, b: undefined }, value: 2, metricName: 'd:s_sum' },
    { labels: { a: 1, b: undefined }, value: 1, metricName: 'd:s_count' }
  ]
  const { rows, ...head } = await checkFamily('d:s', {
    name: 'other',
    help: 'H',
    type: 'histogram',
    values,
    aggregator: 'sum'
  })
  t.strictSame(head, { name: 'd:s', help: 'H', type: 'histogram', aggregator: 'sum' })
  t.match(rows, [{ exemplar }, { labels: { le: Infinity }, exemplar: undefined }, values[2], values[3]])
  t.not(rows[0], values[0], 'the row is a copy')
  t.not(rows[0]?.exemplar, exemplar)
  t.strictSame(await checkFamily('d:x', { type: 'gauge' }), {
    name: 'd:x', help: '', type: 'gauge', rows: [], aggregator: 'sum'
  })
  t.match(await checkFamily('d', { values: [{ value: 1 }] }), { rows: [{ value: 1, labels: {} }] })
})

t.test('reads the aggregator; one that prom-client does not have counts as a sum', async t => {
  const cases: ReadonlyArray<readonly [aggregator: unknown, expected: string]> = [
    ['first', 'first'], ['omit', 'omit'], ['average', 'average'], [undefined, 'sum'], ['median', 'sum'], [{}, 'sum']
  ]
  for (const [aggregator, expected] of cases) t.equal((await checkFamily('d', { aggregator })).aggregator, expected)
})

t.test('converts an object to text once, and does not change its input', async t => {
  let calls = 0
  const object = { toString () { return `text ${++calls}` } }
  const collected = { values: [{ value: 1, labels: { a: 'x', object, list: ['a', 'b'] } }] }
  t.match((await checkFamily('d', collected)).rows, [{ value: 1, labels: { a: 'x', object: 'text 1', list: 'a,b' } }])
  t.equal(collected.values[0]?.labels.object, object)
})

t.test('yields to the event loop between many rows', async t => {
  const { turns, stop } = countTurns()
  let now = 0
  // The event loop is free, and the time advances by 1 µs at each reading.
  const scheduler = new Scheduler({ now: () => (now += 0.001), nextTurn })
  const values = Array.from({ length: 20_000 }, (_, i) => ({ labels: { i }, value: i }))
  await check('d', { values }, { scheduler })
  stop()
  t.ok(turns() >= 5, `${turns()} turns`)
})

t.test('adds the default labels that a sample does not have', async t => {
  const { rows } = await checkFamily(
    'd',
    { values: [{ value: 1, labels: { a: 'own', b: 1 } }, { value: 2 }] },
    { defaultLabels: { a: 'default', pod: 'p' } }
  )
  t.strictSame(rows.map(({ labels }) => labels), [{ a: 'own', b: 1, pod: 'p' }, { a: 'default', pod: 'p' }])
})

t.test('keeps the first sample of a series, and reports its duplicates once', async t => {
  const problems: unknown[] = []
  // The default label makes the first three samples one series.
  const values = [
    { value: 1, labels: { a: 'x' } },
    { value: 2, labels: { a: 'x', pod: 'p' } },
    { value: 3, labels: { pod: 'p', a: 'x' } },
    { value: 4, labels: { a: 'y' } }
  ]
  const { rows } = await checkFamily('d', { values }, {
    defaultLabels: { pod: 'p' },
    onDuplicate: err => { problems.push(err) }
  })
  t.strictSame(rows.map(({ value }) => value), [1, 4])
  t.match(problems, [{ code: 'DYNOAI_METRICS_ERR_COLLECT', message: /'d'.*more than one sample.*pod: 'p'/ }])
  t.equal(problems.length, 1)
  t.equal((await checkFamily('d', { values: [{ value: 1 }, { value: 2 }] })).rows.length, 1)
})

t.test('reads each property once, so the checked values are the written values', async t => {
  const reads = new Map<string, number>()
  const counting = <T extends object>(target: T, path: string): T => new Proxy(target, {
    get (object, key, receiver) {
      const name = `${path}.${String(key)}`
      reads.set(name, (reads.get(name) ?? 0) + 1)
      return Reflect.get(object, key, receiver)
    }
  })
  const exemplar = counting({ labelSet: counting({ trace: 't' }, 'labelSet'), value: 1, timestamp: 1 }, 'exemplar')
  const row = counting({ labels: counting({ a: 'x' }, 'labels'), value: 1, metricName: 'd', exemplar }, 'row')
  await checkFamily('d', counting({ help: 'H', type: 'counter', values: counting([row], 'values') }, 'family'))
  t.strictSame([...reads].filter(([, count]) => count !== 1), [])
  t.ok(reads.has('labels.a') && reads.has('labelSet.trace') && reads.has('values.0') && reads.has('family.help'))
})

t.test('limits the samples and the help text of a metric', async t => {
  const { proxy, reads } = arrayOfMaximumLength()
  await t.rejects(checkFamily('a', { values: proxy }), { message: /at most 2000000 samples.*9007199254740991/ })
  t.equal(reads(), 0, 'no sample is read')
  await t.rejects(checkFamily('a', { help: 'x'.repeat(2 ** 20 + 1) }), {
    message: /at most 1048576 characters.*a string of \d+ characters$/
  })
})

/** An array that reports the largest possible length, and counts the reads of its elements. */
function arrayOfMaximumLength (): { readonly proxy: unknown[], readonly reads: () => number } {
  let reads = 0
  const proxy = new Proxy<unknown[]>([], {
    get (_target, key) {
      if (key === 'length') return Number.MAX_SAFE_INTEGER
      reads++
      return { value: 1 }
    }
  })
  return { proxy, reads: () => reads }
}

const unreadable = { toString () { throw new Error('no text') } }

const INVALID: ReadonlyArray<readonly [name: string, collected: unknown, problem: RegExp]> = [
  ['a-b', { values: [] }, /its name is not valid.*"a-b"/],
  ['', { values: [] }, /its name is not valid/],
  ['a', null, /its get\(\) must return an object.*null/],
  ['a', 'text', /its get\(\) must return an object/],
  ['a', { values: 'x' }, /its values must be an array.*"x"/],
  ['a', { values: {} }, /its values must be an array.*\{\}/],
  ['a', { values: [1] }, /a sample must be an object.*1/],
  ['a', { values: [{ value: '1' }] }, /must be a number.*"1"/],
  ['a', { values: [{}] }, /must be a number.*undefined/],
  ['a', { values: [{ value: 1n }] }, /must be a number.*1n/],
  ['a', { values: [{ value: 1, metricName: 'a b' }] }, /a name that is not valid.*"a b"/],
  ['a', { values: [{ value: 1, metricName: 5 }] }, /a name that is not valid/],
  ['a', { values: [{ value: 1, labels: [] }] }, /labels that are not valid/],
  ['a', { values: [{ value: 1, labels: { 'x-y': 1 } }] }, /labels that are not valid.*x-y/],
  [
    'a',
    { values: [{ value: 1, labels: { ok: 1 } }, { value: 1, labels: { ok: 1, 'x"': 1 } }] },
    /labels that are not valid/
  ],
  ['a', { values: [{ value: 1, exemplar: { labelSet: { 0: 'x' }, value: 1 } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, exemplar: { value: '1' } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, exemplar: { value: 1, timestamp: 'now' } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, exemplar: { value: 1, timestamp: NaN } }] }, /an exemplar that is not valid/],
  ['a', { values: [{ value: 1, labels: { __name__: 'evil' } }] }, /labels that are not valid/]
]

t.test('rejects a family that would break the exposition of other metrics', async t => {
  for (const [name, collected, problem] of INVALID) {
    await t.rejects(checkFamily(name, collected), { code: 'DYNOAI_METRICS_ERR_COLLECT', message: problem })
  }
  for (const x of [unreadable, Object.assign(() => {}, unreadable)]) {
    await t.rejects(checkFamily('a', { values: [{ value: 1, labels: { x } }] }), { message: 'no text' })
  }
})

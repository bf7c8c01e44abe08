import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import { checkFamily as check } from '../../lib/exposition/check-family.js'
import type { CheckOptions, CollectedFamily } from '../../lib/exposition/check-family.js'
import { countTurns } from '../fixtures/turns.js'

const checkFamily = async (name: string, given: unknown, options: Omit<CheckOptions, 'scheduler'> = {}): Promise<CollectedFamily> =>
  await check(name, given, { scheduler: new Scheduler(), ...options })

t.test('takes what prom-client gives', async t => {
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
  t.strictSame(head, { name: 'd:s', help: 'H', type: 'histogram' })
  t.match(rows, [{ exemplar }, { labels: { le: Infinity }, exemplar: undefined }, values[2], values[3]])
  t.not(rows[0], values[0], 'as a copy')
  t.not(rows[0]?.exemplar, exemplar)
  t.strictSame(await checkFamily('d:x', { type: 'gauge' }), { name: 'd:x', help: '', type: 'gauge', rows: [] })
  t.match(await checkFamily('d', { values: [{ value: 1 }] }), { rows: [{ value: 1, labels: {} }] })
})

t.test('takes the text of an object once, and leaves alone what it was given', async t => {
  let calls = 0
  const object = { toString () { return `text ${++calls}` } }
  const given = { values: [{ value: 1, labels: { a: 'x', object, list: ['a', 'b'] } }] }
  t.match((await checkFamily('d', given)).rows, [{ value: 1, labels: { a: 'x', object: 'text 1', list: 'a,b' } }])
  t.equal(given.values[0]?.labels.object, object)
})

t.test('gives the event loop back between many rows', async t => {
  const { turns, stop } = countTurns()
  let now = 0
  // A free event loop, and 1 µs for each look at the time.
  const scheduler = new Scheduler({ now: () => (now += 0.001), nextTurn })
  await check('d', { values: Array.from({ length: 20_000 }, (_, i) => ({ labels: { i }, value: i })) }, { scheduler })
  stop()
  t.ok(turns() >= 5, `${turns()} turns`)
})

t.test('puts default labels behind the own ones, which win', async t => {
  const { rows } = await checkFamily(
    'd',
    { values: [{ value: 1, labels: { a: 'own', b: 1 } }, { value: 2 }] },
    { defaultLabels: { a: 'default', pod: 'p' } }
  )
  t.strictSame(rows.map(({ labels }) => labels), [{ a: 'own', b: 1, pod: 'p' }, { a: 'default', pod: 'p' }])
})

t.test(
  'keeps the first sample of a series, also where default labels make two one, and reports the others once',
  async t => {
    const problems: unknown[] = []
    const values = [
      { value: 1, labels: { a: 'x' } },
      { value: 2, labels: { a: 'x', pod: 'p' } },
      { value: 3, labels: { pod: 'p', a: 'x' } },
      { value: 4, labels: { a: 'y' } }
    ]
    const { rows } = await checkFamily(
      'd',
      { values },
      {
        defaultLabels: { pod: 'p' },
        onDuplicate: err => {
          problems.push(err)
        }
      }
    )
    t.strictSame(
      rows.map(({ value }) => value),
      [1, 4]
    )
    t.match(problems, [{ code: 'DYNOAI_METRICS_ERR_COLLECT', message: /'d'.*more than one sample.*pod: 'p'/ }])
    t.equal(problems.length, 1)
    t.equal((await checkFamily('d', { values: [{ value: 1 }, { value: 2 }] })).rows.length, 1)
  }
)

t.test('reads everything once, so that what was checked is what is written', async t => {
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
  await checkFamily('d', counting({ help: 'H', type: 'counter', values: counting([row], 'values') }, 'given'))
  t.strictSame([...reads].filter(([, count]) => count !== 1), [])
  t.ok(reads.has('labels.a') && reads.has('labelSet.trace') && reads.has('values.0') && reads.has('given.help'))
})

t.test('bounds how much a metric can give', async t => {
  const { proxy, reads } = endless()
  await t.rejects(checkFamily('a', { values: proxy }), { message: /at most 2000000 samples.*9007199254740991/ })
  t.equal(reads(), 0, 'before it reads any')
  await t.rejects(checkFamily('a', { help: 'x'.repeat(2 ** 20 + 1) }), {
    message: /at most 1048576 characters.*a string of \d+ characters$/
  })
})

/** An array that claims to be as long as can be. */
function endless (): { readonly proxy: unknown[], readonly reads: () => number } {
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

const WRONG: ReadonlyArray<readonly [name: string, given: unknown, problem: RegExp]> = [
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

import t from 'tap'
import { decodeSamples } from '../../lib/processes/decode-samples.js'
import { encodeSamples } from '../../lib/processes/encode-samples.js'
import { MAX_FAMILIES, MAX_LINE_BYTES, MAX_ROWS } from '../../lib/processes/samples-format.js'
import type { DatedFamily } from '../../lib/processes/samples-format.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { reasonOf } from '../fixtures/processes/reason-of.js'
import { byUser, datedFamily, histogram, summary } from '../fixtures/processes/sampled-families.js'
import { createRandom } from '../fixtures/random.js'

const decode = (bytes: Buffer): DatedFamily[] => runToEnd(decodeSamples(bytes))

const encode = (families: readonly DatedFamily[]): Buffer => Buffer.concat(runToEnd(encodeSamples(families)).blocks)

const FAMILIES: readonly DatedFamily[] = [
  datedFamily('c_total', { ...byUser('counter', { 'ä"\n\\': 1.5, b: Infinity }), help: 'Calls\nof "users"' }, 7),
  datedFamily('g', {
    type: 'gauge',
    aggregator: 'max',
    values: [NaN, Infinity, -Infinity, 0.1, 5e-324].map((value, i) =>
      ({ labels: { i, flag: true, none: undefined }, value }))
  }),
  datedFamily('h', histogram('h', { 1: 1, 2: 1, '+Inf': 2 }, -0.1)),
  datedFamily('s', summary('s', { median: NaN, sum: 2, count: 3 })),
  datedFamily('e_total', {
    type: 'counter',
    values: [
      { value: 1, metricName: 'e_total', exemplar: { labelSet: { trace: 'x', n: 1 }, value: NaN, timestamp: 1.5 } },
      { value: 2, labels: { a: 'x' }, exemplar: { value: 2 } }
    ]
  }),
  datedFamily('empty', { type: 'untyped', values: [] })
]

/** As they are in an exposition. */
const shown = (families: readonly DatedFamily[]): unknown => families.map(({ rows, ...head }) => ({
  ...head,
  rows: rows.map(({ value, labels = {}, metricName = head.name, exemplar }) => ({
    value,
    labels: Object.entries(labels).map(([name, label]) => `${name}=${String(label)}`),
    metricName,
    exemplar: exemplar === undefined
      ? 'none'
      : [exemplar.value, exemplar.timestamp, ...Object.entries(exemplar.labelSet ?? {}).map(String)]
  }))
}))

t.test('reads what was written', async t => {
  t.strictSame(shown(decode(encode(FAMILIES))), shown(FAMILIES))
  t.strictSame(decode(encode([])), [])
})

const HEAD = { name: 'x', help: '', type: 'gauge', aggregator: 'sum', since: 1, rows: 1 }

/** A file with these lines after a header for one family. */
const file = (...lines: unknown[]): Buffer =>
  Buffer.from([{ format: 'dynoai-samples', version: 1, families: 1 }, ...lines].map(line =>
    `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))

const ONLY = [[1, {}]]

t.test('rejects a file that breaks a rule', async t => {
  t.equal(decode(file(HEAD, ONLY)).length, 1)
  const header = { format: 'dynoai-samples', version: 1, families: 1 }
  const cases: ReadonlyArray<readonly [reason: string, bytes: Buffer]> = [
    ['truncated', Buffer.from('')],
    ['truncated', Buffer.from('x')],
    ['malformed', Buffer.from('x\n')],
    ['foreign', Buffer.from('{}\n')],
    ['foreign', Buffer.from('null\n')],
    ['foreign', Buffer.from('{"format":"other","version":1,"families":0}\n')],
    ['version', Buffer.from('{"format":"dynoai-samples","version":2,"families":0}\n')],
    ['malformed', Buffer.from(`${JSON.stringify({ ...header, families: -1 })}\n`)],
    ['malformed', Buffer.from(`${JSON.stringify({ ...header, families: { toString: 1 } })}\n`)],
    ['too_large', Buffer.from(`${JSON.stringify({ ...header, families: MAX_FAMILIES + 1 })}\n`)],
    ['too_large', Buffer.from(`${' '.repeat(MAX_LINE_BYTES)}\n`)],
    ['truncated', file()],
    ['truncated', file(HEAD)],
    ['truncated', file(HEAD, ONLY).subarray(0, -1)],
    ['malformed', file(HEAD, ONLY, HEAD)],
    ['malformed', file(7)],
    ['malformed', file({ ...HEAD, name: 7 })],
    ['malformed', file({ ...HEAD, name: 'a b' }, ONLY)],
    ['malformed', file({ ...HEAD, name: 'x'.repeat(1025) }, ONLY)],
    ['malformed', file({ ...HEAD, help: { toString: 1 } }, ONLY)],
    ['malformed', file({ ...HEAD, type: ['gauge'] }, ONLY)],
    ['malformed', file({ ...HEAD, since: '1' }, ONLY)],
    ['malformed', file('{"name":"x","help":"","type":"gauge","since":1e999,"rows":1}', ONLY)],
    ['malformed', file({ ...HEAD, rows: 1.5 }, ONLY)],
    ['too_large', file({ ...HEAD, rows: MAX_ROWS + 1 }, ONLY)],
    ['malformed', file(HEAD, {})],
    ['malformed', file(HEAD, [])],
    ['malformed', file(HEAD, [1])],
    ['malformed', file(HEAD, [[1, {}], [1, { a: 'x' }]])],
    ['malformed', file(HEAD, [[1]])],
    ['malformed', file(HEAD, [[1, null]])],
    ['malformed', file(HEAD, [[1, { a: 1 }]])],
    ['malformed', file(HEAD, [[1, { a: { toString: 1 } }]])],
    ['malformed', file(HEAD, [[1, { 'a"': 'x' }]])],
    ['malformed', file(HEAD, [[1, { __name__: 'x' }]])],
    ['malformed', file(HEAD, [['1', {}]])],
    ['malformed', file(HEAD, [[null, {}]])],
    ['malformed', file(HEAD, [[1, {}, 'y']])],
    ['malformed', file(HEAD, [[1, {}, 7]])],
    ['malformed', file(HEAD, [[1, {}, null, 7]])],
    ['malformed', file(HEAD, [[1, {}, null, { value: 1 }]])],
    ['malformed', file(HEAD, [[1, {}, null, { labelSet: {}, value: 'x' }]])],
    ['malformed', file({ ...HEAD, type: 'counter' }, [[-1, {}]])],
    ['malformed', file({ ...HEAD, type: 'counter' }, [['NaN', {}]])],
    ['malformed', file({ ...HEAD, type: 'histogram' }, ONLY)],
    ['malformed', file(HEAD, `[${'['.repeat(100_000)}`)],
    ['malformed', Buffer.concat([
      Buffer.from(`${JSON.stringify({ ...header, families: 2 })}\n`),
      ...[HEAD, ONLY, HEAD, ONLY].map(line => Buffer.from(`${JSON.stringify(line)}\n`))
    ])]
  ]
  for (const [reason, bytes] of cases) {
    t.equal(reasonOf(() => decode(bytes)), reason, bytes.toString('utf8', 0, 200))
  }
})

t.test('keeps the first of two samples of a series', async t => {
  const [family] = decode(file({ ...HEAD, rows: 2 }, [[1, { a: 'x' }], [2, { a: 'x' }]]))
  t.strictSame(family?.rows.map(({ value }) => value), [1])
  t.strictSame(decode(file(HEAD, '[[1,{"__proto__":"x"}]]'))[0]?.rows.length, 1)
})

const SPECIAL_BYTES = Buffer.from('[]{},:"\n019.eax\\u')

t.test('throws nothing but a problem with the file, whatever its bytes are', async t => {
  const bytes = encode(FAMILIES)
  const random = createRandom(1)
  for (let i = 0; i < 3000; i++) {
    const length = random.integer(0, 4) === 0 ? random.integer(0, bytes.length) : bytes.length
    const copy = Buffer.from(bytes.subarray(0, length))
    for (let j = random.integer(0, 3); j > 0 && copy.length > 0; j--) {
      copy[random.integer(0, copy.length - 1)] = random.pick([...SPECIAL_BYTES, random.integer(0, 255)])
    }
    reasonOf(() => decode(copy))
  }
  t.pass('only problems were thrown')
})

t.test('pauses', async t => {
  const users = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`user-${i}`, i]))
  const steps = decodeSamples(encode([datedFamily('g', byUser('gauge', users))]))
  let pauses = 0
  while (steps.next().done !== true) pauses++
  t.ok(pauses > 600, `${pauses} pauses`)
})

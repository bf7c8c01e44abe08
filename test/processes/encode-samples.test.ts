import t from 'tap'
import { encodeSamples } from '../../lib/processes/encode-samples.js'
import type { EncodedSamples } from '../../lib/processes/encode-samples.js'
import { MAX_FAMILIES, MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_ROWS } from '../../lib/processes/samples-format.js'
import type { DatedFamily } from '../../lib/processes/samples-format.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { byUser, datedFamily } from '../fixtures/processes/sampled-families.js'

const encode = (families: readonly DatedFamily[]): EncodedSamples => runToEnd(encodeSamples(families))

const linesOf = ({ blocks }: EncodedSamples): string[] => Buffer.concat(blocks).toString().split('\n').slice(0, -1)

t.test('writes a header, and the description and the samples of each family', async t => {
  const family = datedFamily('c_total', { ...byUser('counter', { a: 1, b: Infinity }), help: 'Calls' }, 3)
  t.strictSame(linesOf(encode([family])), [
    '{"format":"dynoai-samples","version":1,"families":1}',
    '{"name":"c_total","help":"Calls","type":"counter","aggregator":"sum","since":3,"rows":2}',
    '[[1,{"user":"a"}],["Infinity",{"user":"b"}]]'
  ])
})

t.test('divides many samples into lines, and pauses after each', async t => {
  const users = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`user-${i}`, i]))
  const steps = encodeSamples([datedFamily('g', byUser('gauge', users))])
  let pauses = 0
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) pauses++
  const lines = linesOf(step.value)
  t.ok(lines.length > 5 && Math.abs(pauses - lines.length) < 5, `${pauses} pauses for ${lines.length} lines`)
  t.ok(lines.every(line => line.length < 10_000))
})

t.test('leaves out families that exceed a limit, and says so', async t => {
  const small = datedFamily('small', byUser('gauge', { a: 1 }))
  const text = 'x'.repeat(MAX_LINE_BYTES / 2)
  const row = { value: 1, labels: { a: `${text}\0` } }
  const large = (name: string, rows: number): DatedFamily =>
    ({ ...small, name, rows: Array.from({ length: rows }, () => ({ value: 1, labels: { a: text } })) })
  const cases: ReadonlyArray<readonly [families: readonly DatedFamily[], leftOut: number]> = [
    [[{ ...small, help: 'x'.repeat(MAX_LINE_BYTES) }, small], 1],
    [[{ ...small, rows: [{ value: 1, labels: { a: text, b: text } }] }, small], 1],
    [[{ ...small, rows: [row, row] }, small], 0],
    [[large('a', 80), large('b', 80), small], 1],
    [[{ ...small, rows: Array.from({ length: MAX_ROWS }, () => ({ value: 1 })) }, small], 1],
    [Array.from({ length: MAX_FAMILIES + 2 }, () => small), 2]
  ]
  for (const [families, leftOut] of cases) {
    const encoded = encode(families)
    t.strictSame(encoded.problems.map(({ reason }) => reason), Array.from({ length: leftOut }, () => 'too_large'))
    const bytes = Buffer.concat(encoded.blocks)
    t.ok(bytes.length <= MAX_FILE_BYTES)
    const header = JSON.parse(bytes.toString('utf8', 0, bytes.indexOf('\n'))) as { readonly families: number }
    t.equal(header.families, families.length - leftOut)
  }
})

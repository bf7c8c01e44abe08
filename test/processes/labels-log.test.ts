import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { FamilyDefinition } from '../../lib/processes/definition.js'
import { FileProblem } from '../../lib/processes/file-problem.js'
import { LogDecoder, LogEncoder } from '../../lib/processes/labels-log.js'
import { isLabelName, isMetricName } from '../../lib/util/names.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { reasonOf } from '../fixtures/processes/reason-of.js'

// What is asserted within a property throws, so fast-check shrinks the values for which it fails.
const RUNS = { numRuns: 200, seed: 20261126 }

type Entry = readonly [kind: 'define', FamilyDefinition] |
  readonly [kind: 'begin', family: number, index: number, labels: readonly string[]] |
  readonly [kind: 'end', family: number, index: number]

const DEFINITION: FamilyDefinition = {
  name: 'runs',
  type: 'histogram',
  help: 'Runs',
  labelNames: ['a', 'b'],
  buckets: [1, 2],
  aggregator: 'sum',
  maxSeries: 10,
  unlimitedLabels: 0,
  since: 1
}

function encode (...entries: readonly Entry[]): Buffer {
  const encoder = new LogEncoder()
  for (const entry of entries) {
    if (entry[0] === 'define') encoder.define(entry[1])
    else if (entry[0] === 'begin') encoder.begin(entry[1], entry[2], entry[3])
    else encoder.end(entry[1], entry[2])
  }
  return Buffer.from(encoder.take())
}

/** Decodes bytes in parts, and after each part continues with what is left. */
function decode (bytes: Buffer, sizes: readonly number[] = []): Entry[] {
  const entries: Entry[] = []
  const decoder = new LogDecoder({
    define: definition => { entries.push(['define', definition]) },
    begin: (...args) => { entries.push(['begin', ...args]) },
    end: (...args) => { entries.push(['end', ...args]) }
  })
  let end = 0
  for (const size of [...sizes, bytes.length]) {
    end = Math.min(end + size, bytes.length)
    runToEnd(decoder.decode(bytes.subarray(decoder.decoded, end)))
  }
  return entries
}

const text = fc.string({ unit: 'binary' }).map(value => value.toWellFormed())
const definition = fc.record({
  name: fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,20}$/).filter(isMetricName),
  type: fc.constantFrom('counter', 'gauge', 'histogram'),
  help: text,
  labelNames: fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/).filter(isLabelName), { maxLength: 4 }),
  buckets: fc.uniqueArray(fc.double({ min: 0, max: 1e9, noNaN: true }), {
    minLength: 1, maxLength: 5, selector: value => value + 0
  }),
  aggregator: fc.constantFrom('sum', 'first', 'min', 'max', 'average', 'omit'),
  maxSeries: fc.oneof(fc.nat(), fc.constant(Infinity)),
  unlimitedLabels: fc.nat(1000),
  since: fc.double({ noNaN: true })
}).map((definition): FamilyDefinition => ({
  ...definition, buckets: definition.type === 'histogram' ? definition.buckets.sort((a, b) => a - b) : []
}))

const definitions = fc.uniqueArray(definition, { selector: ({ name }) => name, minLength: 1, maxLength: 4 })
const labels = fc.array(text, { minLength: 4, maxLength: 4 })
const records = definitions.chain(definitions =>
  fc.array(fc.tuple(fc.boolean(), fc.nat(definitions.length - 1), fc.nat(2 ** 32 - 1), labels)).map((rest): Entry[] => [
    ...definitions.map((definition): Entry => ['define', definition]),
    ...rest.map(([begins, family, index, labels]): Entry => begins
      ? ['begin', family, index, labels.slice(0, definitions[family]!.labelNames.length)]
      : ['end', family, index])
  ]))

t.test('any records are decoded as they were encoded, in parts of any size', async t => {
  t.doesNotThrow(() => {
    fc.assert(fc.property(records, fc.array(fc.nat(100)), (entries, sizes) => {
      deepStrictEqual(decode(encode(...entries), sizes), entries)
    }), RUNS)
  })
})

t.test('a record that is not complete is left', async t => {
  const entries: Entry[] = [['define', DEFINITION], ['begin', 0, 5, ['x', 'y']], ['end', 0, 5]]
  const bytes = encode(...entries)
  const ends = entries.map((_, i) => encode(...entries.slice(0, i + 1)).length)
  for (let size = 0; size <= bytes.length; size++) {
    t.strictSame(decode(bytes.subarray(0, size)), entries.filter((_, i) => ends[i]! <= size), String(size))
  }
})

t.test('the size of a record is returned, and the encoder is empty after take', async t => {
  const encoder = new LogEncoder()
  const sizes = [encoder.define(DEFINITION), encoder.begin(0, 1, ['x', 'é']), encoder.end(0, 1)]
  t.equal(encoder.length, sizes.reduce((sum, size) => sum + size))
  t.equal(encoder.take().length, sizes.reduce((sum, size) => sum + size))
  t.equal(encoder.length, 0)
})

t.test('the decoder pauses', async t => {
  const decoder = new LogDecoder({ define () {}, begin () {}, end () {} })
  const entries = Array.from({ length: 1000 }, (_, i): Entry => ['begin', 0, i, ['x', 'y']])
  const steps = [...decoder.decode(encode(['define', DEFINITION], ...entries))]
  t.ok(steps.length >= 20, String(steps.length))
})

t.test('an invalid record is rejected', async t => {
  const define = (changes: Partial<Record<keyof FamilyDefinition, unknown>>): Buffer =>
    encode(['define', { ...DEFINITION, ...changes } as FamilyDefinition])
  /** Replaces bytes at a position after the definition. */
  const patched = (entry: Entry, change: (bytes: Buffer) => void): Buffer => {
    const bytes = encode(entry)
    change(bytes)
    return Buffer.concat([encode(['define', DEFINITION]), bytes])
  }
  const begin: Entry = ['begin', 0, 0, ['xx', 'yy']]
  const cases: ReadonlyArray<readonly [what: string, bytes: Buffer, reason: string]> = [
    ['a name', define({ name: '1a' }), 'malformed'],
    ['a reserved name', define({ name: '__a' }), 'malformed'],
    ['a name with a line break', define({ name: 'a\nb' }), 'malformed'],
    ['a label', define({ labelNames: ['a', 'le'] }), 'malformed'],
    ['a label twice', define({ labelNames: ['a', 'a'] }), 'malformed'],
    ['no buckets', define({ buckets: [] }), 'malformed'],
    ['buckets of a counter', define({ type: 'counter' }), 'malformed'],
    ['buckets that descend', define({ buckets: [2, 1] }), 'malformed'],
    ['an infinite bucket', define({ buckets: [1, Infinity] }), 'malformed'],
    ['a bucket that is NaN', define({ buckets: [NaN] }), 'malformed'],
    ['a limit below 0', define({ maxSeries: -1 }), 'malformed'],
    ['a start that is NaN', define({ since: NaN }), 'malformed'],
    ['too many labels', define({ labelNames: Array.from({ length: 1001 }, (_, i) => `l${i}`) }), 'too_large'],
    ['too many buckets', define({ buckets: Array.from({ length: 10_001 }, (_, i) => i) }), 'too_large'],
    ['a second definition', encode(['define', DEFINITION], ['define', DEFINITION]), 'malformed'],
    ['a series of no family', encode(['define', DEFINITION], ['begin', 1, 0, ['x', 'y']]), 'malformed'],
    ['the end of a series of no family', encode(['end', 0, 0]), 'malformed'],
    ['too few labels', encode(['define', DEFINITION], ['begin', 0, 0, ['x']]), 'malformed'],
    ['too many values of labels', encode(['define', DEFINITION], ['begin', 0, 0, ['x', 'y', 'z']]), 'malformed'],
    ['an unknown kind', patched(begin, bytes => { bytes[4] = 9 }), 'malformed'],
    ['a text that is too long', patched(begin, bytes => { bytes[13] = 255 }), 'malformed'],
    ['a text that is not UTF-8', patched(begin, bytes => { bytes[17] = 0xff }), 'malformed'],
    ['an end with more bytes', patched(begin, bytes => { bytes[4] = 3 }), 'malformed'],
    ['an unknown type', patched(['define', DEFINITION], bytes => { bytes[5] = 3 }), 'malformed'],
    ['an unknown aggregator', patched(['define', DEFINITION], bytes => { bytes[9] = 6 }), 'malformed'],
    ['a definition with more bytes', patched(['define', { ...DEFINITION, name: 'other' }], bytes => {
      bytes.writeUInt32LE(1, bytes.length - 20)
    }), 'malformed'],
    ['an empty record', Buffer.alloc(4), 'malformed'],
    ['a huge record', Buffer.from([255, 255, 255, 255]), 'too_large']
  ]
  for (const [what, bytes, reason] of cases) t.equal(reasonOf(() => decode(bytes)), reason, what)
})

t.test('a replacement character that was in the text is kept', async t => {
  const entries: Entry[] = [['define', DEFINITION], ['begin', 0, 0, ['\ufffd', 'a\ufffdb']]]
  t.strictSame(decode(encode(...entries)), entries)
})

t.test('there is a limit for the number of families', async t => {
  const encoder = new LogEncoder()
  for (let i = 0; i < 10_001; i++) encoder.define({ ...DEFINITION, name: `m${i}` })
  t.equal(reasonOf(() => decode(Buffer.from(encoder.take()))), 'too_large')
})

t.test('what readers would reject as too large is not encoded', async t => {
  t.equal(reasonOf(() => new LogEncoder().define({ ...DEFINITION, help: 'x'.repeat(2 ** 20) })), 'too_large')
})

t.test('random bytes never cause another error than a problem with the file', async t => {
  t.doesNotThrow(() => {
    const patches = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 })
    fc.assert(fc.property(records, patches, (entries, patches) => {
      const bytes = encode(...entries)
      for (const [at, value] of patches) bytes[at % bytes.length] = value
      try {
        decode(bytes)
      } catch (error) {
        if (!(error instanceof FileProblem)) throw error
      }
    }), RUNS)
  })
})

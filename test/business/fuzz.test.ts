import { setImmediate as nextTurn } from 'node:timers/promises'
import { types } from 'node:util'
import t from 'tap'
import fc from 'fast-check'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { unexpectedValue } from '../fixtures/unexpected-values.js'
import { readSamples } from '../fixtures/samples.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

const RUNS = { numRuns: 400, seed: 20261201 }

const labels = { status: ['ok', 'failed'], source: [] }
const defaults = { status: 'ok', source: 'none' }
const metrics = {
  shopTotal: { type: 'counter', help: 'C', labels, defaults },
  shopLength: { type: 'gauge', help: 'G', labels, defaults },
  shopSeconds: { type: 'histogram', help: 'H', labels, defaults, buckets: [1] }
} as const

type Call = (...args: unknown[]) => unknown
type Loose = Readonly<Record<string, Readonly<Record<string, Call>>>>

/** Every way to record a value, with the name of its metric. A call that `runs` accepts a function after its labels. */
function waysToRecord (handles: Loose): Array<readonly [metric: string, way: string, call: Call, runs: boolean]> {
  const of = (key: string, method: string): Call => (...args) => handles[key]?.[method]?.(...args)
  const bound = (key: string, method: string): Call =>
    (given, ...args) => (of(key, 'labels')(given) as Readonly<Record<string, Call>>)[method]?.(...args)
  const { timeAnalysis } = handles as unknown as Readonly<Record<string, Call>>
  return [
    ['shop_total', 'inc', of('shopTotal', 'inc'), false],
    ['shop_total', 'labels().inc', bound('shopTotal', 'inc'), false],
    ...['set', 'inc', 'dec'].flatMap(method => [
      ['shop_length', method, of('shopLength', method), false] as const,
      ['shop_length', `labels().${method}`, bound('shopLength', method), false] as const
    ]),
    ['shop_seconds', 'observe', of('shopSeconds', 'observe'), false],
    ['shop_seconds', 'labels().observe', bound('shopSeconds', 'observe'), false],
    ['shop_seconds', 'startTimer', (given, end) => (of('shopSeconds', 'startTimer')(given) as Call)(end), false],
    [
      'shop_seconds', 'labels().startTimer',
      (given, end) => (bound('shopSeconds', 'startTimer')(given) as Call)(end), false
    ],
    ['shop_seconds', 'time', of('shopSeconds', 'time'), true],
    ['shop_seconds', 'labels().time', (given, fn, ...rest) => bound('shopSeconds', 'time')(given, fn, ...rest), true],
    ['analysis_total', 'timeAnalysis', (...args) => timeAnalysis?.(...args), true]
  ]
}

async function outcome (value: unknown): Promise<string> {
  const settled = (async () => await value)().then(() => 'resolved', () => 'rejected')
  return await Promise.race([settled, nextTurn('pending')])
}

for (const enabled of [true, false]) {
  t.test(`makes any call without throwing, and records it or counts it as an error (enabled: ${enabled})`, async t => {
    const unhandled = collectUnhandledRejections(t)
    const fastify = await createMeasuredFastify(t, { enabled, metricPrefix: '', metrics, maxSeries: 20 }, {
      logger: { level: 'warn', stream: { write () { throw new Error('no disk') } } }
    })
    const ways = fc.constantFrom(...waysToRecord(fastify.metrics as unknown as Loose))
    const moreValues = fc.array(unexpectedValue, { maxLength: 3 })
    const expected: Record<string, number> = {}
    const property = fc.asyncProperty(ways, unexpectedValue, moreValues, async (entry, first, rest) => {
      const [metric, way, call, runs] = entry
      const given = [first, ...rest].map(make => make())
      for (const value of given) ignoreRejection(value)
      // A function in place of the labels is the function to run.
      if (runs && typeof given[0] === 'function') return
      expected[metric] = (expected[metric] ?? 0) + 1
      if (!runs) {
        t.doesNotThrow(() => call(...given), way)
        return
      }
      const [labels, result, ...more] = given
      let ran = 0
      const returned = call(labels, () => { ran++; return result }, ...more)
      t.equal(ran, 1, way)
      if (returned === result) return
      // The result was a thenable. The promise that replaces it settles in the same way.
      const settled = await outcome(returned)
      if (types.isPromise(result)) t.equal(settled, await outcome(result), way)
    })
    await fc.assert(property, RUNS)
    await nextTurn()
    t.strictSame(unhandled, [])
    t.ok(Object.keys(expected).length === 4)
    if (!enabled) return
    const all = await readSamples(fastify.metrics.registry)
    const sum = (name: RegExp): number =>
      Object.entries(all).reduce((total, [key, value]) => name.test(key) ? total + value : total, 0)
    t.ok(sum(/^metrics_errors_total/) > 100)
    for (const [metric, name] of [
      ['shop_seconds', 'shop_seconds_count'], ['analysis_total', 'analysis_total']
    ] as const) {
      const errors = all[`metrics_errors_total{metric="${metric}"}`] ?? NaN
      t.equal(sum(new RegExp(`^${name}`)) + errors, expected[metric], metric)
    }
  })
}

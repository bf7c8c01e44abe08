import t from 'tap'
import { createSamplesCheck } from '../../lib/exposition/check-samples.js'
import type { Row } from '../../lib/exposition/format.js'

const reject = (problem: string): Error => new Error(problem)

/** For each sample, whether the check accepts it. */
function accepted (type: string, rows: readonly Row[]): boolean[] {
  const check = createSamplesCheck('x', type, reject)
  const accepts = rows.map(row => check.accepts(row))
  check.finish()
  return accepts
}

const row = (suffix: string, value: number, labels: object = {}): Row => ({
  metricName: `x${suffix}`,
  value,
  labels: { ...labels }
})
const series = (labels: object): Row[] => [
  row('_bucket', 1, { le: 1, ...labels }),
  row('_bucket', 1, { ...labels, le: 2 }),
  row('_bucket', 3, { ...labels, le: Infinity }),
  row('_sum', -5, labels),
  row('_count', 3, labels)
]

t.test('accepts the samples that the formats allow', async t => {
  t.strictSame(accepted('counter', [row('', 0), row('', Infinity, { a: 'x' })]), [true, true])
  t.strictSame(accepted('gauge', [{ value: NaN }, row('', -1, { a: 'x' }), row('', -Infinity, { a: 'y' })]), [
    true,
    true,
    true
  ])
  t.strictSame(
    accepted('histogram', [...series({}), ...series({ a: 'x' }), ...series({ a: 'y', b: 1 })]),
    Array(15).fill(true)
  )
  t.strictSame(accepted('histogram', []), [])
  t.strictSame(
    accepted('summary', [
      row('', NaN, { quantile: 0 }),
      row('', 1, { quantile: '1' }),
      row('_sum', -1),
      row('_count', 2),
      row('_count', 0, { a: 'x' })
    ]),
    Array(5).fill(true)
  )
})

t.test('accepts only one sample of a series, in any order of the labels and with any type of label value', async t => {
  for (const [a, b] of [
    [
      { a: 'x', b: 'y' },
      { b: 'y', a: 'x' }
    ],
    [{ a: 1 }, { a: '1' }],
    [{ a: '' }, {}],
    [{ a: '\uD800' }, { a: '\uFFFD' }]
  ] as const) {
    t.strictSame(accepted('gauge', [row('', 1, a), row('', 1, b)]), [true, false])
    t.strictSame(accepted('summary', [row('_sum', 1, a), row('_sum', 1, b)]), [true, false])
    t.throws(() => accepted('histogram', [...series(a), ...series(b)]), { message: /not consecutive/ })
  }
  for (const [a, b] of [
    [{ a: 'x,b=1:y' }, { a: 'x', b: 'y' }],
    [{ a: 'x' }, { b: 'x' }],
    [{ a: 'x' }, { a: 'X' }]
  ] as const) {
    t.strictSame(accepted('gauge', [row('', 1, a), row('', 1, b)]), [true, true])
  }
})

t.test('distinguishes the series of a histogram by all of their labels', async t => {
  for (const [a, b] of [
    [{ a: 'x' }, { a: 'y' }],
    [{ a: 'x' }, { b: 'x' }],
    [{ a: 'x' }, { a: 'x', b: 'y' }]
  ] as const) {
    const [first, ...rest] = series(a)
    t.throws(() => accepted('histogram', [first as Row, ...series(b).slice(1), ...rest]), {
      message: /ends before its count/
    })
  }
})

import t from 'tap'
import { escapeLabelValue, formatNumber } from '../../lib/exposition/format.js'
import { openMetrics } from '../../lib/exposition/openmetrics.js'
import { prometheusText } from '../../lib/exposition/prometheus-text.js'

const HELP = 'a "b"\nc\\n'

/** Returns a function that writes the head of a family; `taken` are names of other metrics. */
const headBy = (format: Pick<typeof prometheusText, 'head'>, help: string) =>
  (name: string, type: string, taken: readonly string[] = []): string =>
    format.head({ name, help, type }, new Set(taken))

t.test('text writes the help and the type of a family', async t => {
  t.equal(headBy(prometheusText, HELP)('hits_total', 'counter'), [
    '# HELP hits_total a "b"\\nc\\\\n\n',
    '# TYPE hits_total counter\n'
  ].join(''))
  const head = headBy(prometheusText, '')
  for (const type of ['gauge', 'histogram', 'summary']) t.match(head('a', type), `# TYPE a ${type}\n`)
  for (const type of ['info', 'undefined', 'toString']) t.match(head('a', type), '# TYPE a untyped\n')
})

t.test('OpenMetrics writes the type, the unit and the help of a family', async t => {
  const head = headBy(openMetrics, HELP)
  t.equal(head('hits_total', 'counter'), '# TYPE hits counter\n# HELP hits a \\"b\\"\\nc\\\\n\n')
  t.equal(head('cpu_seconds_total', 'counter'), [
    '# TYPE cpu_seconds counter\n',
    '# UNIT cpu_seconds seconds\n',
    '# HELP cpu_seconds a \\"b\\"\\nc\\\\n\n'
  ].join(''))
  for (const type of ['gauge', 'histogram', 'summary']) {
    t.match(head('size_bytes', type), `# TYPE size_bytes ${type}\n# UNIT size_bytes bytes\n`)
    t.match(head('a_total', type), `# TYPE a_total ${type}\n`)
  }
  t.match(head('a', 'info'), '# TYPE a unknown\n')
  t.notMatch(head('seconds', 'gauge'), 'UNIT', 'the name is only a unit')
})

t.test('OpenMetrics keeps the name of a counter without _total, and of one whose family name is taken', async t => {
  const head = headBy(openMetrics, '')
  t.match(head('hits', 'counter'), '# TYPE hits unknown\n')
  t.match(head('_total', 'counter'), '# TYPE _total unknown\n')
  t.match(head('hits_total', 'counter', ['hits']), '# TYPE hits_total unknown\n')
  for (const taken of ['hits_created', 'hits_created_total']) {
    t.match(head('hits_total', 'counter', [taken]), '# TYPE hits_total unknown\n', 'hits reserves hits_created')
  }
})

const BOUNDS: ReadonlyArray<readonly [bound: number, asText: string, asOpenMetrics: string]> = [
  [0.005, '0.005', '0.005'],
  [1, '1', '1.0'],
  [0, '0', '0.0'],
  [1e21, '1e+21', '1e+21'],
  [1e-7, '1e-7', '1e-7'],
  [Infinity, '+Inf', '+Inf']
]

t.test('bounds are numbers, in OpenMetrics always with a point or an exponent', async t => {
  for (const [bound, asText, asOpenMetrics] of BOUNDS) {
    t.equal(prometheusText.bound(bound), asText)
    t.equal(openMetrics.bound(bound), asOpenMetrics)
  }
})

t.test('only OpenMetrics has exemplars: on counters and buckets, with at most 128 code points', async t => {
  const exemplar = { labelSet: { trace: 'a"b' }, value: 0.5, timestamp: 1700000000.5 }
  t.equal(prometheusText.exemplar('a_total', exemplar), '')
  t.equal(openMetrics.exemplar('a_total', exemplar), ' # {trace="a\\"b"} 0.5 1700000000.5')
  t.equal(openMetrics.exemplar('a_bucket', { value: Infinity }), ' # {} +Inf')
  t.equal(openMetrics.exemplar('a_sum', exemplar), '')
  t.match(openMetrics.exemplar('a_total', { labelSet: { t: '🏍'.repeat(127) }, value: 1 }), '🏍')
  t.equal(openMetrics.exemplar('a_total', { labelSet: { t: '🏍'.repeat(128) }, value: 1 }), '')
  t.match(openMetrics.exemplar('a_total', { labelSet: { t: 'x'.repeat(127) }, value: 1 }), 'x')
  t.equal(openMetrics.exemplar('a_total', { labelSet: { t: 'x'.repeat(128) }, value: 1 }), '')
  t.equal(openMetrics.exemplar('a_total', { labelSet: { t: 'x'.repeat(2 ** 20) }, value: 1 }), '')
  const mayHave = (name: string, type: string, taken: readonly string[] = []): boolean =>
    openMetrics.mayHaveExemplars({ name, help: '', type }, new Set(taken))
  t.strictSame(
    [
      mayHave('a_total', 'counter'),
      mayHave('a', 'histogram'),
      mayHave('a_total', 'gauge'),
      mayHave('a_total', 'counter', ['a'])
    ],
    [true, true, false, false]
  )
  t.equal(prometheusText.mayHaveExemplars({ name: 'a_total', help: '', type: 'counter' }, new Set()), false)
})

t.test('only OpenMetrics ends with a line', async t => {
  t.equal(prometheusText.end, '')
  t.equal(openMetrics.end, '# EOF\n')
})

const NUMBERS: ReadonlyArray<readonly [value: number, expected: string]> =
  [[NaN, 'NaN'], [Infinity, '+Inf'], [-Infinity, '-Inf'], [-1.5, '-1.5'], [1e300, '1e+300'], [-0, '0']]

t.test('writes numbers without loss of precision', async t => {
  for (const [value, expected] of NUMBERS) t.equal(formatNumber(value), expected)
})

t.test('escapes backslash, quote and line feed in label values', async t => {
  t.equal(escapeLabelValue('a\\n"b"\nc'), 'a\\\\n\\"b\\"\\nc')
  t.equal(escapeLabelValue('é\r\t'), 'é\r\t')
})

import t from 'tap'
import { escapeLabelValue, formatNumber } from '../../lib/exposition/format.js'
import { openMetrics } from '../../lib/exposition/openmetrics.js'
import { prometheusText } from '../../lib/exposition/prometheus-text.js'

const HELP = 'a "b"\nc\\n'

t.test('text says help and type of a family', async t => {
  t.equal(prometheusText.head({ name: 'hits_total', help: HELP, type: 'counter' }, new Set()), '# HELP hits_total a "b"\\nc\\\\n\n# TYPE hits_total counter\n')
  for (const type of ['gauge', 'histogram', 'summary']) t.match(prometheusText.head({ name: 'a', help: '', type }, new Set()), `# TYPE a ${type}\n`)
  for (const type of ['info', 'undefined', 'toString']) t.match(prometheusText.head({ name: 'a', help: '', type }, new Set()), '# TYPE a untyped\n')
})

t.test('OpenMetrics says type, unit and help of a family', async t => {
  const head = (name: string, type: string, taken: readonly string[] = []): string => openMetrics.head({ name, help: HELP, type }, new Set(taken))
  t.equal(head('hits_total', 'counter'), '# TYPE hits counter\n# HELP hits a \\"b\\"\\nc\\\\n\n')
  t.equal(head('cpu_seconds_total', 'counter'), '# TYPE cpu_seconds counter\n# UNIT cpu_seconds seconds\n# HELP cpu_seconds a \\"b\\"\\nc\\\\n\n')
  for (const type of ['gauge', 'histogram', 'summary']) {
    t.match(head('size_bytes', type), `# TYPE size_bytes ${type}\n# UNIT size_bytes bytes\n`)
    t.match(head('a_total', type), `# TYPE a_total ${type}\n`)
  }
  t.match(head('a', 'info'), '# TYPE a unknown\n')
  t.notMatch(head('seconds', 'gauge'), 'UNIT', 'a name that is nothing but a unit')
})

t.test('OpenMetrics keeps the name of a counter that has no _total, and of one whose family has the name of another', async t => {
  t.match(openMetrics.head({ name: 'hits', help: '', type: 'counter' }, new Set()), '# TYPE hits unknown\n')
  t.match(openMetrics.head({ name: '_total', help: '', type: 'counter' }, new Set()), '# TYPE _total unknown\n')
  t.match(openMetrics.head({ name: 'hits_total', help: '', type: 'counter' }, new Set(['hits'])), '# TYPE hits_total unknown\n')
  for (const taken of ['hits_created', 'hits_created_total']) {
    t.match(
      openMetrics.head({ name: 'hits_total', help: '', type: 'counter' }, new Set([taken])),
      '# TYPE hits_total unknown\n',
      'which reserves hits_created'
    )
  }
})

t.test('bounds are numbers, in OpenMetrics always with a point or an exponent', async t => {
  for (const [bound, asText, asOpenMetrics] of [[0.005, '0.005', '0.005'], [1, '1', '1.0'], [0, '0', '0.0'], [1e21, '1e+21', '1e+21'], [1e-7, '1e-7', '1e-7'], [Infinity, '+Inf', '+Inf']] as const) {
    t.equal(prometheusText.bound(bound), asText)
    t.equal(openMetrics.bound(bound), asOpenMetrics)
  }
})

t.test('exemplars stand in OpenMetrics only, on counters and buckets, and not beyond 128 code points', async t => {
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

t.test('only OpenMetrics has an end', async t => {
  t.equal(prometheusText.end, '')
  t.equal(openMetrics.end, '# EOF\n')
})

t.test('numbers are written so that they are read as the same', async t => {
  for (const [value, expected] of [[NaN, 'NaN'], [Infinity, '+Inf'], [-Infinity, '-Inf'], [-1.5, '-1.5'], [1e300, '1e+300'], [-0, '0']] as const) t.equal(formatNumber(value), expected)
})

t.test('label values have their three escapes', async t => {
  t.equal(escapeLabelValue('a\\n"b"\nc'), 'a\\\\n\\"b\\"\\nc')
  t.equal(escapeLabelValue('é\r\t'), 'é\r\t')
})

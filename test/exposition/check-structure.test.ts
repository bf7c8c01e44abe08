import t from 'tap'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import type { FormatName } from '../fixtures/exposition/parse.js'

// Other tests use `checkStructure` to check expositions.

const HISTOGRAM = [
  '# HELP d_seconds Durations',
  '# TYPE d_seconds histogram',
  'd_seconds_bucket{path="/a",le="0.5"} 1',
  'd_seconds_bucket{path="/a",le="+Inf"} 3',
  'd_seconds_sum{path="/a"} 2.5',
  'd_seconds_count{path="/a"} 3'
]
const COUNTER = [
  '# HELP hits Hits',
  '# TYPE hits counter',
  'hits_total{a="\\\\\\"\\n"} 2 # {trace="x"} 1 1.5',
  'hits_total 0'
]
const lines = (...lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')

t.test('accepts a valid exposition', async t => {
  const asText = lines(...HISTOGRAM, '# TYPE up gauge', 'up NaN', 'up{a="b"} -Inf')
  t.equal(checkStructure(asText, 'text')[0]?.samples.length, 4)
  const families = checkStructure(lines(...HISTOGRAM, ...COUNTER, '# EOF'), 'openmetrics')
  t.strictSame(families[1]?.samples[0], {
    name: 'hits_total',
    labels: new Map([['a', '\\"\n']]),
    value: 2,
    exemplar: { labels: new Map([['trace', 'x']]), value: 1, timestamp: 1.5 }
  })
})

/** The histogram with another text in one line. */
const withLine = (line: number, text: string): string => lines(...HISTOGRAM.with(line, text))

const OTHER_SERIES = HISTOGRAM.slice(2).map(line => line.replace('/a', '/b'))

const INVALID: ReadonlyArray<readonly [name: string, exposition: string, format: FormatName]> = [
  ['a last line without a newline', 'a 1', 'text'],
  ['a sample without a family', 'a 1\n', 'text'],
  ['an empty line', lines('# TYPE a gauge', '', 'a 1'), 'text'],
  [
    'a family in two parts',
    lines('# TYPE a gauge', 'a 1', '# TYPE b gauge', 'b 1', '# TYPE a gauge', 'a{x="y"} 1'), 'text'
  ],
  ['a help after the samples', lines('# TYPE a gauge', 'a 1', '# HELP a A'), 'text'],
  ['two types', lines('# TYPE a gauge', '# TYPE a counter'), 'text'],
  ['an unknown type', lines('# TYPE a meter', 'a 1'), 'text'],
  ['an invalid name', lines('# TYPE a-b gauge', 'a-b 1'), 'text'],
  ['a series twice', lines('# TYPE a gauge', 'a{x="1",y="2"} 1', 'a{y="2",x="1"} 1'), 'text'],
  ['a label twice', lines('# TYPE a gauge', 'a{x="1",x="2"} 1'), 'text'],
  ['a quote that is not escaped', lines('# TYPE a gauge', 'a{x="b"c"} 1'), 'text'],
  ['an invalid escape', lines('# TYPE a gauge', 'a{x="\\t"} 1'), 'text'],
  ['an invalid escape in a help', lines('# HELP a \\x', '# TYPE a gauge'), 'text'],
  ['an invalid label name', lines('# TYPE a gauge', 'a{0="1"} 1'), 'text'],
  ['an invalid value', lines('# TYPE a gauge', 'a undefined'), 'text'],
  ['text after the value', lines('# TYPE a gauge', 'a 1 2'), 'text'],
  ['a unit in text', lines('# TYPE a_seconds gauge', '# UNIT a_seconds seconds'), 'text'],
  ['a counter below 0', lines('# TYPE a_total counter', 'a_total -1'), 'text'],
  ['a sample of another name', lines('# TYPE a gauge', 'a_sum 1'), 'text'],
  ['buckets that are not cumulative', withLine(2, 'd_seconds_bucket{path="/a",le="0.5"} 4'), 'text'],
  ['bounds that do not ascend', lines(...HISTOGRAM.toSpliced(2, 0, 'd_seconds_bucket{path="/a",le="0.7"} 1')), 'text'],
  ['a last bucket that is not +Inf', lines(...HISTOGRAM.toSpliced(3, 1)), 'text'],
  ['a count that is not the last bucket', withLine(5, 'd_seconds_count{path="/a"} 4'), 'text'],
  ['no sum', lines(...HISTOGRAM.toSpliced(4, 1)), 'text'],
  ['a series in two parts', lines(...HISTOGRAM, ...OTHER_SERIES, 'd_seconds_bucket{path="/a",le="1"} 3'), 'text'],
  ['no end', lines('# TYPE a gauge', 'a 1'), 'openmetrics'],
  ['a sample after the end', lines('# TYPE a gauge', '# EOF', 'a 1'), 'openmetrics'],
  ['a comma after the last label', lines('# TYPE a gauge', 'a{x="1",} 1', '# EOF'), 'openmetrics'],
  ['a counter without _total', lines('# TYPE a counter', 'a 1', '# EOF'), 'openmetrics'],
  ['the type untyped', lines('# TYPE a untyped', 'a 1', '# EOF'), 'openmetrics'],
  ['a unit that is not the end of the name', lines('# TYPE a gauge', '# UNIT a seconds', '# EOF'), 'openmetrics'],
  ['a bound without a point', `${withLine(2, 'd_seconds_bucket{path="/a",le="1"} 1')}# EOF\n`, 'openmetrics'],
  [
    'names that two families share',
    lines('# TYPE a counter', 'a_total 1', '# TYPE a_total gauge', '# EOF'), 'openmetrics'
  ],
  [
    'the time of creation of a counter as a gauge',
    lines('# TYPE a counter', 'a_total 1', '# TYPE a_created gauge', 'a_created 1', '# EOF'), 'openmetrics'
  ],
  [
    'the time of creation of a histogram as a counter',
    lines(...HISTOGRAM, '# TYPE d_seconds_created counter', 'd_seconds_created_total 1', '# EOF'), 'openmetrics'
  ],
  [
    'an exemplar of a gauge with the name of a counter',
    lines('# TYPE a_total gauge', 'a_total 1 # {x="y"} 1', '# EOF'), 'openmetrics'
  ],
  ['an exemplar of a gauge', lines('# TYPE a gauge', 'a 1 # {x="y"} 1', '# EOF'), 'openmetrics'],
  [
    'an exemplar that is too long',
    lines('# TYPE a counter', `a_total 1 # {x="${'y'.repeat(128)}"} 1`, '# EOF'), 'openmetrics'
  ],
  ['an exemplar in text', lines('# TYPE a_total counter', 'a_total 1 # {x="y"} 1'), 'text']
]

for (const [name, exposition, format] of INVALID) {
  t.test(`rejects ${name}, in ${format}`, async t => { t.throws(() => checkStructure(exposition, format), Error) })
}

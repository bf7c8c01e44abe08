import t from 'tap'
import { parseExposition } from '../fixtures/exposition/parse.js'
import { findDecreases, HighestCounters, readCounters } from './counters.js'
import { keyOf } from './keys.js'

const EXPOSITION = `# TYPE calls_total counter
calls_total{a="x",agent="1"} 1
calls_total{agent="2",a="x"} 2
# TYPE run_seconds histogram
run_seconds_bucket{le="1"} 1
run_seconds_bucket{le="+Inf"} 2
run_seconds_sum 0.3
run_seconds_count 2
# TYPE wait_seconds histogram
wait_seconds_bucket{le="+Inf",value="v"} 2
wait_seconds_sum{value="v"} 0.3
wait_seconds_count{value="v"} 2
# TYPE waits summary
waits{quantile="0.5"} 1
waits_sum 3
waits_count 1
# TYPE level gauge
level 5
# TYPE cpu_total counter
cpu_total{worker="1"} 7
`

t.test('reads what must not decrease, added up over labels with many values', async t => {
  t.strictSame(Object.fromEntries(readCounters(parseExposition(EXPOSITION, 'text'))), {
    [keyOf('calls_total', { a: 'x' })]: 3,
    [keyOf('run_seconds_bucket', { le: '1' })]: 1,
    [keyOf('run_seconds_bucket', { le: 'Infinity' })]: 2,
    [keyOf('run_seconds_sum')]: 0.3,
    [keyOf('run_seconds_count')]: 2,
    [keyOf('wait_seconds_bucket', { le: 'Infinity' })]: 2,
    [keyOf('wait_seconds_count')]: 2,
    [keyOf('waits_sum')]: 3,
    [keyOf('waits_count')]: 1
  })
})

t.test('a counter of a later scrape must not be lower than in any before', async t => {
  const highest = new HighestCounters()
  const before = highest.values
  highest.raise(new Map([['a', 2], ['b', 1]]))
  highest.raise(new Map([['a', 1], ['c', 0]]))
  t.strictSame(findDecreases(before, new Map()), [], 'what was seen after the scrape began does not count')
  t.strictSame(findDecreases(highest.values, new Map([['a', 1], ['b', 1]])), [
    'a was 2 and is 1', 'c was 0 and is missing'
  ])
})

import t from 'tap'
import { DURATION_BUCKETS, isBuckets, SIZE_BUCKETS } from '../../lib/series/buckets.js'

t.test('has the buckets documented in docs/metrics.md', async t => {
  t.strictSame(DURATION_BUCKETS, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
  t.strictSame(SIZE_BUCKETS, [100, 1000, 10000, 100000, 1000000, 10000000, 100000000])
})

const VALID: readonly unknown[] = [[0], [1, 2], [0.1, 0.2, 3]]
const INVALID: readonly unknown[] = [[], [2, 1], [1, 1], [-1, 1], [1, Infinity], [NaN], ['1'], 5, null, { 0: 1 }]

t.test('accepts buckets that are finite, ascending and not negative', async t => {
  for (const buckets of VALID) t.ok(isBuckets(buckets), JSON.stringify(buckets))
  for (const buckets of INVALID) t.notOk(isBuckets(buckets), JSON.stringify(buckets))
})

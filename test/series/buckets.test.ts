import t from 'tap'
import { DURATION_BUCKETS, isBuckets, SIZE_BUCKETS } from '../../lib/series/buckets.js'

t.test('has the buckets of the contract', async t => {
  t.strictSame(DURATION_BUCKETS, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
  t.strictSame(SIZE_BUCKETS, [100, 1000, 10000, 100000, 1000000, 10000000, 100000000])
})

t.test('buckets are finite, ascending and not negative', async t => {
  for (const buckets of [[0], [1, 2], [0.1, 0.2, 3]]) t.ok(isBuckets(buckets), JSON.stringify(buckets))
  for (const buckets of [[], [2, 1], [1, 1], [-1, 1], [1, Infinity], [NaN], ['1'], 5, null, { 0: 1 }]) t.notOk(isBuckets(buckets), JSON.stringify(buckets))
})

import t from 'tap'
import { ValueSketch } from '../../../../examples/dynoai-api/dyno-log/value-sketch.js'

t.test('returns quantiles of positive values to one percent, and the exact range', async t => {
  const sketch = new ValueSketch()
  for (const value of [NaN, -5, 0]) sketch.add(value)
  for (let value = 1; value <= 1000; value++) sketch.add(value / 10)
  t.strictSame([sketch.min, sketch.max, sketch.positive], [-5, 100, 1000])
  t.strictSame([sketch.negativeShare, sketch.nonPositiveShare], [1 / 1002, 2 / 1002])
  const empty = new ValueSketch()
  t.strictSame([empty.negativeShare, empty.nonPositiveShare], [0, 0])
  for (const share of [0.01, 0.1, 0.5, 0.9, 0.99, 1]) {
    t.ok(Math.abs(sketch.quantile(share) / (100 * share) - 1) < 0.011, `${share}: ${sketch.quantile(share)}`)
  }
})

t.test('takes values of any size', async t => {
  const sketch = new ValueSketch()
  for (const value of [1e-300, 1e300, Infinity]) sketch.add(value)
  t.strictSame([sketch.positive, sketch.max], [3, Infinity])
  t.ok(sketch.quantile(0.1) < 1e-5)
  t.ok(sketch.quantile(1) > 1e8)
})

import t from 'tap'
import { findDoubt } from '../../../../examples/dynoai-api/dyno-log/value-doubts.js'
import { ValueSketch } from '../../../../examples/dynoai-api/dyno-log/value-sketch.js'

t.test('allows a few zeros of a sensor of pressure, not those of a gauge', async t => {
  const doubt = (zeros: number) => {
    const values = new ValueSketch()
    for (let row = 0; row < 100; row++) values.add(row < zeros ? 0 : row)
    return findDoubt({ unit: 'kPa', isLabelled: true }, values)
  }
  for (const zeros of [9, 10, 11, 40]) {
    t.equal(doubt(zeros), zeros < 10 ? undefined : 'its values are 0 to 99.', `${zeros} of 100`)
  }
})

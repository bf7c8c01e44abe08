import t from 'tap'
import { clamp } from '../../../examples/dynoai-api/clamp.js'

t.test('limits a value to a range, bounds included', async t => {
  t.same([-8, -7, 0, 7, 8].map(value => clamp(value, -7, 7)), [-7, -7, 0, 7, 7])
})

import t from 'tap'
import { seededRandom } from '../../../../examples/dynoai-api/demo/seeded-random.js'

t.test('returns the same number from 0 to 1 for the same seed and key, evenly distributed', async t => {
  const numbers = Array.from({ length: 1000 }, (_, i) => seededRandom(1, String(i)))

  t.ok(numbers.every(number => number >= 0 && number < 1))
  t.ok(Math.abs(numbers.reduce((sum, number) => sum + number) / 1000 - 0.5) < 0.05)
  t.equal(seededRandom(1, 'a'), seededRandom(1, 'a'))
  t.not(seededRandom(1, 'a'), seededRandom(2, 'a'))
})

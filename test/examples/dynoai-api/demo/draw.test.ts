import t from 'tap'
import { draw } from '../../../../examples/dynoai-api/demo/draw.js'

t.test('draws the same number for the same question, spread from 0 to 1', async t => {
  const numbers = Array.from({ length: 1000 }, (_, i) => draw(1, String(i)))

  t.ok(numbers.every(number => number >= 0 && number < 1))
  t.ok(Math.abs(numbers.reduce((sum, number) => sum + number) / 1000 - 0.5) < 0.05)
  t.equal(draw(1, 'a'), draw(1, 'a'))
  t.not(draw(1, 'a'), draw(2, 'a'))
})

import t from 'tap'
import { Growth } from './growth.js'

function growthOf (values: readonly number[]): Growth {
  const growth = new Growth({ name: 'bytes', share: 0.1, amount: 5 })
  for (const value of values) growth.add(value)
  return growth
}

t.test('only growth after the first third is a fault', async t => {
  t.strictSame(growthOf([10, 10, 10, 100, 100, 100, 115, 115, 115]).fault, [])
  t.strictSame(growthOf([10, 10, 10, 100, 100, 100, 116, 116, 116]).fault, ['bytes grew from 100 to 116'])
  t.strictSame(growthOf([100, 100, 900, 100, 100, 900, 100, 900, 100]).fault, [], 'single values do not matter')
})

import t from 'tap'
import { isObject } from '../../lib/util/is-object.js'

t.test('accepts objects, but not arrays, null or other values', async t => {
  for (const value of [{}, Object.create(null), new Map()]) t.ok(isObject(value))
  for (const value of [[], null, undefined, 'a', 1, () => {}]) t.notOk(isObject(value))
})

import t from 'tap'
import { isObject } from '../../lib/util/is-object.js'

t.test('takes objects, not arrays, null or anything else', async t => {
  for (const value of [{}, Object.create(null), new Map()]) t.ok(isObject(value))
  for (const value of [[], null, undefined, 'a', 1, () => {}]) t.notOk(isObject(value))
})

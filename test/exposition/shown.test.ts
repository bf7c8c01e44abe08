import { inspect } from 'node:util'
import t from 'tap'
import { shown } from '../../lib/exposition/shown.js'

t.test('shows the beginning of a text, and of an object only what it is', async t => {
  t.equal(shown('a'), 'a')
  t.equal(shown('a'.repeat(1000)), 'a'.repeat(256))
  t.equal(shown(Symbol('a'.repeat(1000))).length, 256)
  t.equal(shown(null), 'null')
  t.equal(shown(undefined), 'undefined')
  t.equal(shown(5n), '5n')
  t.equal(shown([]), 'an array')
  t.equal(shown(() => {}), 'a function')
  const object = { get a () { throw new Error('unreadable') }, [inspect.custom] () { throw new Error('not shown') } }
  t.equal(shown(object), 'an object')
})

import t from 'tap'
import { readProperty } from '../../lib/util/read-property.js'
import { createRevokedProxy } from '../fixtures/unexpected-values.js'

t.test('reads a property, and returns undefined for one that throws', async t => {
  t.equal(readProperty({ a: 1 }, 'a'), 1)
  t.equal(readProperty({}, 'a'), undefined)
  t.equal(readProperty({ get a () { throw new Error('unreadable') } }, 'a'), undefined)
  t.equal(readProperty(createRevokedProxy(), 'a'), undefined)
})

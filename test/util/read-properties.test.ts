import { runInNewContext } from 'node:vm'
import t from 'tap'
import { readProperties } from '../../lib/util/read-properties.js'

class Base {
  get inherited () { return 'i' }
}
class Options extends Base {
  own = 'o'
  method () {}
}

t.test('reads own and inherited properties, enumerable or not', async t => {
  const symbol = Symbol('s')
  const read = readProperties(
    Object.defineProperty(Object.assign(new Options(), { [symbol]: 1 }), 'hidden', { value: 'h' })
  )
  t.equal(Object.getPrototypeOf(read), null)
  t.strictSame({ ...read }, { own: 'o', [symbol]: 1, hidden: 'h', method: Options.prototype.method, inherited: 'i' })
})

t.test('does not read the properties that every object inherits, in any realm', async t => {
  const objects = [{}, Object.create(null), runInNewContext('({})'), runInNewContext('new (class {})()')]
  for (const object of objects) t.strictSame(Reflect.ownKeys(readProperties(object)), [])
  t.strictSame(Object.keys(readProperties({ constructor: 1, hasOwnProperty: 2 })), ['constructor', 'hasOwnProperty'])
})

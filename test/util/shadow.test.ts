import t from 'tap'
import { shadow } from '../../lib/util/shadow.js'

t.test('replaces a method of one object, not of its class, and does not list it', async t => {
  class Greeter {
    greet (): string {
      return 'hello'
    }
  }
  const [shadowed, other] = [new Greeter(), new Greeter()]
  shadow(shadowed, 'greet', () => 'goodbye')
  t.equal(shadowed.greet(), 'goodbye')
  t.equal(other.greet(), 'hello')
  t.strictSame(Object.keys(shadowed), [])
  shadow(shadowed, 'greet', () => 'again')
  t.equal(shadowed.greet(), 'again', 'a second time')
})

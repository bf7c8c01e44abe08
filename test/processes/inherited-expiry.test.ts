import t from 'tap'
import { InheritedExpiry } from '../../lib/processes/inherited-expiry.js'
import { CounterFamily } from '../../lib/series/counter-family.js'

const counter = (expireAfter?: number): CounterFamily => new CounterFamily({ name: 'x_total', help: 'X', expireAfter })

t.test('inherited series may expire when they were inherited that long ago, and are checked now and then', async t => {
  const expiry = new InheritedExpiry(5000)
  const [never, short, long] = [counter(), counter(1), counter(100)]
  const cases = [
    [5000, []], [5999, []], [6000, [short]], [6100, []], [6250, [short]], [104_999, [short]], [105_000, [long]],
    [106_000, [short]], [130_000, [short, long]]
  ] as const
  for (const [shownAt, due] of cases) t.strictSame(expiry.due([never, short, long], shownAt), due, `${shownAt}`)
})

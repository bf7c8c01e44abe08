import t from 'tap'
import { addRemovalListener, deleteRemovalListener } from '../../lib/processes/removals.js'
import { createCounter } from '../fixtures/processes/slots.js'

t.test('several listeners hear of what is removed from one family', async t => {
  const family = createCounter({ a: 1 })
  const heard: unknown[] = []
  const [first, second] = ['first', 'second'].map(name => ({
    removed: (metric: string, labels: readonly string[]) => { heard.push([name, metric, ...labels]) },
    reset: (metric: string) => { heard.push([name, metric]) }
  }))
  addRemovalListener(family, first!)
  addRemovalListener(family, second!)
  family.removeSeries(['a'])
  deleteRemovalListener(family, first!)
  family.reset()
  t.strictSame(heard, [['first', 'calls_total', 'a'], ['second', 'calls_total', 'a'], ['second', 'calls_total']])
  deleteRemovalListener(createCounter(), first!)
})

import t from 'tap'
import { CounterFamily } from '../../lib/series/counter-family.js'
import type { FamilyOptions } from '../../lib/series/family-options.js'

const USER = [{ name: 'user', listed: [] }]

/** A counter, and what its listener was told. */
function listenTo (options: Partial<FamilyOptions>): { readonly family: CounterFamily, readonly heard: unknown[] } {
  const heard: unknown[] = []
  const family = new CounterFamily({ name: 'x_total', help: 'X', ...options })
  family.listener = {
    removed: (metric, labelValues) => { heard.push(['removed', metric, labelValues]) },
    reset: metric => { heard.push(['reset', metric]) }
  }
  return { family, heard }
}

t.test('reports removed series, also those that do not exist', async t => {
  const { family, heard } = listenTo({ labels: USER })
  family.admit(['a'])
  for (const user of ['a', 'b']) family.removeSeries([user])
  t.equal(family.table.pages.size, 0)
  t.strictSame(heard, [['removed', 'x_total', ['a']], ['removed', 'x_total', ['b']]])
})

t.test('reports a reset once, whether it removes the series or sets them to 0', async t => {
  for (const options of [{ labels: USER }, { labels: USER, keepsSeriesOnReset: true }, {}]) {
    const { family, heard } = listenTo(options)
    family.admit(options.labels === undefined ? [] : ['a'])
    family.reset()
    t.strictSame(heard, [['reset', 'x_total']])
  }
})

t.test('does not report series that expire', async t => {
  let seconds = 0
  t.intercept(performance, 'now', { value: () => 1000 * seconds })
  const { family, heard } = listenTo({ labels: USER, expireAfter: 60 })
  family.admit(['a'])
  seconds++
  family.markScraped(performance.now())
  seconds += 60
  family.expire()
  t.equal(family.table.pages.size, 0)
  t.strictSame(heard, [])
})

t.test('needs no listener', async t => {
  const family = new CounterFamily({ name: 'x_total', help: 'X', labels: USER })
  family.admit(['a'])
  family.removeSeries(['a'])
  family.reset()
  t.equal(family.table.pages.size, 0)
})

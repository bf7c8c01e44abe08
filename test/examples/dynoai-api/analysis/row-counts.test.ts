import t from 'tap'
import { describeDropped, RowCounter } from '../../../../examples/dynoai-api/analysis/row-counts.js'

t.test('counts rows, and describes the dropped ones with the most frequent reason first', async t => {
  const counter = new RowCounter()
  counter.use()
  counter.drop('tps')
  for (let n = 0; n < 3; n++) counter.drop('rpm')
  const counts = counter.counts()
  counter.drop('map')
  t.match(counts, { read: 5, used: 1, dropped: { rpm: 3, tps: 1, map: 0 } })
  t.equal(describeDropped(counts), '4 of 5 rows are not used: 3 outside 400 to 8000 rpm, 1 outside 0 to 100 % TPS.')
})

import t from 'tap'
import { OwnLabelSeries } from '../../lib/requests/own-label-series.js'

t.test('keeps one series for equal values', async t => {
  const made: Array<readonly string[]> = []
  const own = new OwnLabelSeries(values => { made.push(values); return values })
  const given = ['a', 'b']
  t.equal(own.find(given), undefined)
  const series = own.add(given)
  given[0] = 'changed'
  t.equal(own.find(['a', 'b']), series)
  for (const values of [['a', 'c'], ['b', 'b'], ['', '']]) t.equal(own.find(values), undefined)
  own.add(['a', 'c'])
  t.equal(own.find(['a', 'b']), series)
  t.strictSame(made, [['a', 'b'], ['a', 'c']])
  t.equal(own.hasFirst, false, 'who adds it says what it was')
})

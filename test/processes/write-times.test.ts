import t from 'tap'
import { WriteTimes } from '../../lib/processes/write-times.js'

t.test('knows which write a scrape has shown: the last one before it began to read', async t => {
  const times = new WriteTimes()
  t.equal(times.shownBy(10), null, 'nothing was written')
  for (let i = 1; i <= 3; i++) times.add({ date: 1000 * i, time: i })
  const cases = [[999, null], [1000.5, null], [1002, 1], [2000, 1], [2001.5, 2], [9000, 3]] as const
  for (const [scrapedAt, expected] of cases) t.equal(times.shownBy(scrapedAt), expected, `${scrapedAt}`)
  t.equal(times.shownBy(9000), null, 'the same scrape')
})

t.test('ignores a time in the future, and that no scrape has completed', async t => {
  const times = new WriteTimes()
  times.add({ date: 1000, time: 1 })
  for (const scrapedAt of [Infinity, Date.now() + 60_000]) t.equal(times.shownBy(scrapedAt), null)
})

t.test('forgets writes that are long ago', async t => {
  const times = new WriteTimes()
  for (let i = 1; i <= 1000; i++) times.add({ date: 10 * i, time: i })
  t.equal(times.shownBy(9000), null)
  t.equal(times.shownBy(9505), 950)
})

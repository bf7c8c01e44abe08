import t from 'tap'
import { Outage } from '../../lib/processes/outage.js'

t.test('scrapes fail for five minutes, and again in the next outage', async t => {
  let time = 1000
  const outage = new Outage(() => time)
  for (const next of [1_000_000, 9_000_000]) {
    time = next
    t.equal(outage.mustFail(), true)
    time = next + 299_999
    t.equal(outage.mustFail(), true)
    time = next + 300_000
    t.equal(outage.mustFail(), false)
    outage.end()
  }
})

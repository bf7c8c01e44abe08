import t from 'tap'
import { runOutages } from '../outages/outages.js'
import { SCENARIOS } from '../outages/scenarios/index.js'

// The outages whose alerts fire within about a minute, with windows at a sixtieth. `npm run outages` runs all.

t.setTimeout(300_000)

t.test('services that are really broken raise their alerts, and healthy ones none', async t => {
  const scenarios = SCENARIOS.filter(({ isShort }) => isShort)
  const { faults, fired } = await runOutages(t, scenarios, {
    interval: '1s', healthy: 20, broken: 75, endsEarly: true, onProgress: line => { t.comment(line) }
  })
  for (const [job, alerts] of fired) t.comment(`${job}: ${alerts.map(({ title }) => title).join(', ')}`)
  t.strictSame(faults, [])
})

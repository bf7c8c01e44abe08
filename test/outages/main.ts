// `npm run outages`: breaks real services in all ways, which takes a quarter of an hour, and exits with 1 if an alert
// is missing or unexpected. `-- --record` writes the results to `results.json`, and the tables of `docs/alerts.md`
// from it; `-- --again` only writes the tables; `-- --only stuck --only flood` runs these scenarios, and with
// `--record` they replace those in `results.json`; `-- --interval 1s` scrapes half as often, for a slow machine.
import { parseArgs } from 'node:util'
import t from 'tap'
import { replaceScenarios, writeRecord, writeTables } from './files.js'
import { runOutages } from './outages.js'
import { createRecord } from './record.js'
import { reportLines } from './report.js'
import { SCENARIOS } from './scenarios/index.js'

/** Longer than an hour at a sixtieth, with which some alerts compare. */
const HEALTHY = 75
/** Twelve hours at a sixtieth. */
const BROKEN = 720
/** Long enough for scenarios of the integration tests. */
const BROKEN_SHORT = 90

const { values } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    interval: { type: 'string', default: '500ms' },
    again: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] }
  }
})
const { record, again, only, interval } = values
const isPart = only.length > 0
const unknown = only.find(name => !SCENARIOS.some(({ job }) => job === name))
if (unknown !== undefined) throw new Error(`There is no scenario '${unknown}'`)
if (interval !== '500ms' && interval !== '1s') throw new Error(`--interval is 500ms or 1s. Received: '${interval}'`)

if (again) {
  writeTables()
} else {
  t.setTimeout(1_800_000)
  await t.test('outages', async t => {
    const scenarios = SCENARIOS.filter(({ job }) => !isPart || only.includes(job))
    const run = await runOutages(t, scenarios, {
      interval,
      healthy: HEALTHY,
      broken: scenarios.every(({ isShort }) => isShort) ? BROKEN_SHORT : BROKEN,
      endsEarly: isPart && !record,
      onProgress: line => { t.comment(line) }
    })
    const results = createRecord(scenarios, run)
    for (const line of reportLines(results)) t.comment(line)
    t.strictSame(run.faults, [])
    if (record && run.faults.length === 0) {
      if (isPart) replaceScenarios(results)
      else writeRecord(results)
      writeTables()
    }
  })
}

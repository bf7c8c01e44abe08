import { readFileSync } from 'node:fs'
import t from 'tap'
import { readAlertRules } from '../fixtures/rules/read.js'
import { root } from '../fixtures/root.js'
import { alertTitle } from './alert-title.js'
import { readRecord, renderDocument } from './files.js'
import { SCENARIOS } from './scenarios/index.js'
import { twinOf } from './scenario.js'
import { link, trueTime } from './tables.js'

const document = readFileSync(new URL('docs/alerts.md', root), 'utf8')
const titles = readAlertRules().map(({ alert, labels }) => alertTitle(alert, labels))

t.test('docs/alerts.md is written from the results on record', async t => {
  t.equal(document, renderDocument(), 'run `npm run outages -- --again`, or `-- --record` after a change of scenarios')
})

t.test('docs/alerts.md has every alert, with a test in which it fires and one in which it stays silent', async t => {
  const [, tests = ''] = document.split('## Tests at the true windows')
  for (const title of titles) {
    const [, cells = ''] = tests.split(`\n| ${link(title)} |`)
    t.match(cells, /^ [^|\n]+[^|\s] \| [^|\n]+[^|\s] \|/, title)
  }
})

t.test('every expected and additional alert exists, and jobs differ', async t => {
  const named = SCENARIOS.flatMap(({ expected, allowed = {} }) => [...expected, ...Object.keys(allowed)])
  t.strictSame(named.filter(title => !titles.includes(title)), [])
  const jobs = SCENARIOS.flatMap(({ job }) => [job, twinOf(job)])
  t.equal(new Set(jobs).size, jobs.length)
})

/** What no scenario can show, and why. */
const WITHOUT_SCENARIO: readonly string[] = []

t.test('a scenario expects every alert', async t => {
  const expected = new Set(SCENARIOS.flatMap(({ expected }) => expected))
  t.strictSame(titles.filter(title => !expected.has(title)), WITHOUT_SCENARIO)
})

t.test('the results on record have all expected alerts, and no other without a reason', async t => {
  const { scenarios } = readRecord()
  t.ok(scenarios.length > 0)
  for (const { job, alerts } of scenarios) {
    const { expected, allowed = {} } = SCENARIOS.find(scenario => scenario.job === job) ?? { expected: ['a scenario'] }
    const fired = alerts.map(({ title }) => title)
    t.strictSame(expected.filter(title => !fired.includes(title)), [], job)
    t.strictSame(fired.filter(title => !expected.includes(title) && !Object.hasOwn(allowed, title)), [], job)
  }
})

t.test('times of the run are written as the times that they stand for', async t => {
  const cases: ReadonlyArray<readonly [seconds: number, text: string]> =
    [[0.5, '0.5 min'], [2, '2 min'], [15.25, '15.3 min'], [119.9, '119.9 min'], [120, '2 h'], [450, '7.5 h']]
  for (const [seconds, text] of cases) t.equal(trueTime(seconds), text)
})

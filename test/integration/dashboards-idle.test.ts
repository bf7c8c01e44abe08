import t from 'tap'
import { dashboardExpressions, ruleExpressions, queryExpressions, dashboards, now, TIMES, listLocations } from '../fixtures/integration/dashboard-queries.js'
import { findEmpty, evaluate, findNegative, findUnusable } from '../fixtures/integration/evaluate.js'
import type { VariableValues } from '../fixtures/integration/evaluate.js'
import { NO_POLLING_MS } from '../fixtures/integration/traffic-run.js'
import { findRuleFaults, startScraping, startIdleServices } from '../fixtures/integration/environment.js'

t.setTimeout(180_000)

t.test('on an idle service nothing is an error or no number, and what is empty says why', async t => {
  const { targets } = await startIdleServices(t, NO_POLLING_MS)
  const [one = '', other = ''] = targets
  const start = now()
  const prometheus = await startScraping(t, { dynoai: [one], other: [other] })
  const choosable: VariableValues = {
    one: { job: 'dynoai', instance: one, route: '/api/health' },
    several: { job: ['dynoai', 'other'], instance: targets, route: ['/api/health', '/api/analyze'] }
  }
  const answers = await evaluate(prometheus, dashboardExpressions, choosable, TIMES, { start, end: now(), step: 1 })
  t.ok(answers.length > 700, `${answers.length} answers`)
  t.strictSame(findUnusable(answers), [], 'all are numbers')
  t.strictSame(findNegative(answers), [], 'none is below 0')

  // A panel that is empty says that nothing has happened yet. One that says that the service is not scraped is not empty.
  const texts = new Map(dashboards.flatMap(({ uid, panels }) => panels.map(({ title, fieldConfig }) => [`${uid}, panel '${title}'`, fieldConfig?.defaults.noValue ?? ''])))
  const hollow = listLocations(answers.filter(({ series }) => series.length === 0))
  t.strictSame(hollow.filter(from => !/^No /.test(texts.get(from.replace(/, \w$/, '')) ?? '')), ["dynoai-overview, variable 'route'"], 'no route has had a request')

  const rules = await queryExpressions(prometheus, ruleExpressions)
  t.strictSame(findUnusable(rules), [], 'all of the rules, too')
  t.strictSame(findEmpty(rules.filter(({ location }) => location.startsWith('job:'))), [], 'everything is recorded')
  // It has polled once and will not for an hour, so that what it knows of Jetstream is stale.
  t.strictSame(listLocations(rules.filter(({ location, series }) => location.startsWith('Dynoai') && series.length > 0)), ['DynoaiJetstreamStale'], 'no other alert says anything')
  t.strictSame(await findRuleFaults(prometheus), [], 'every rule is healthy, and no alert fires')
})

import type { Test } from 'tap'
import {
  dashboardExpressions, dashboards, listLocations, now, queryExpressions, ruleExpressions, TIMES
} from '../fixtures/integration/dashboard-queries.js'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import {
  CONVERTED_HISTOGRAMS, findRuleFaults, startIdleServices, startScraping
} from '../fixtures/integration/environment.js'
import type { ScrapeSettings } from '../fixtures/integration/environment.js'
import { evaluate, findEmpty, findNegative, findUnusable } from '../fixtures/integration/evaluate.js'
import type { VariableValues } from '../fixtures/integration/evaluate.js'
import { NO_POLLING_MS } from '../fixtures/integration/traffic-run.js'

testWithEachPrometheus('on an idle service values are numbers, and empty panels explain why', async (t, program) => {
  await checkIdleServices(t, { program })
})

testWithEachPrometheus('the same holds for converted histograms', async (t, program) => {
  await checkIdleServices(t, { program, global: CONVERTED_HISTOGRAMS })
}, { since: 3 })

async function checkIdleServices (t: Test, settings: ScrapeSettings): Promise<void> {
  const { targets } = await startIdleServices(t, NO_POLLING_MS)
  const [one = '', other = ''] = targets
  const start = now()
  const prometheus = await startScraping(t, { dynoai: [one], other: [other] }, settings)
  const variables: VariableValues = {
    one: { job: 'dynoai', instance: one, route: '/api/health' },
    several: { job: ['dynoai', 'other'], instance: targets, route: ['/api/health', '/api/analyze'] }
  }
  const results = await evaluate(prometheus, dashboardExpressions, variables, TIMES, { start, end: now(), step: 1 })
  t.ok(results.length > 700, `${results.length} results`)
  t.strictSame(findUnusable(results), [], 'all values are numbers')
  t.strictSame(findNegative(results), [], 'no value is below 0')

  // An empty panel shows a text that begins with 'No'. A panel whose text is about a missing scrape must not be empty.
  const texts = new Map(dashboards.flatMap(({ uid, panels }) =>
    panels.map(({ title, fieldConfig }) => [`${uid}, panel '${title}'`, fieldConfig?.defaults.noValue ?? ''])))
  const locations = listLocations(results.filter(({ series }) => series.length === 0))
  t.strictSame(
    locations.filter(location => !/^No /.test(texts.get(location.replace(/, \w$/, '')) ?? '')),
    ["dynoai-overview, variable 'route'"],
    'no route has had a request'
  )

  const rules = await queryExpressions(prometheus, ruleExpressions)
  t.strictSame(findUnusable(rules), [], 'all values of rules are numbers')
  t.strictSame(findEmpty(rules.filter(({ location }) => location.startsWith('job:'))), [], 'all rules record series')
  // The service has polled Jetstream once and does not poll for an hour, so its data of Jetstream is stale. This alert
  // reads a sample per minute of converted histograms, and the test can be shorter than a minute.
  const raised = listLocations(rules.filter(({ location, series }) =>
    location.startsWith('Dynoai') && series.length > 0))
  if (settings.global === undefined) t.ok(raised.includes('DynoaiJetstreamStale'), 'the data of Jetstream is stale')
  t.strictSame(raised.filter(alert => alert !== 'DynoaiJetstreamStale'), [], 'no other alert has a series')
  t.strictSame(await findRuleFaults(prometheus), [], 'every rule is healthy, and no alert fires')
}

import { extrapolationFactor, increaseBounds } from '../fixtures/integration/bounds.js'
import { checkLater, checkRestart } from '../fixtures/integration/check-expressions.js'
import {
  dashboardExpressions, findWrongPanels, now, queryExpressions, ruleExpressions, TIMES
} from '../fixtures/integration/dashboard-queries.js'
import { CONVERTED_HISTOGRAMS, startScraping, waitForScrape } from '../fixtures/integration/environment.js'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import { evaluate, findEmpty, findNegative, findUnusable } from '../fixtures/integration/evaluate.js'
import { TrafficRun } from '../fixtures/integration/traffic-run.js'

testWithEachPrometheus('where Prometheus converts classic histograms to native ones', async (t, program) => {
  const run = await TrafficRun.start(t, { version: '1.0.0' })
  const { target } = run
  await run.sendTraffic({ actions: 40, perSecond: 40 })
  const before = run.countEvents()
  const start = now()
  const prometheus = await startScraping(t, { dynoai: [target] }, { program, global: CONVERTED_HISTOGRAMS })
  await run.sendTraffic({ actions: 120, perSecond: 12 })
  const after = run.countEvents()
  const increases = increaseBounds(before, after)
  const end = await waitForScrape(prometheus, 'dynoai')
  t.strictSame(await prometheus.query('dynoai_request_duration_seconds_count'), [], 'there is no classic histogram')

  const one = { job: 'dynoai', instance: target, route: '/api/analyze' }
  const several = { job: ['dynoai'], instance: [target], route: ['/api/analyze', '/api/status/:runId'] }
  const variables = { one, several }
  await t.test('every expression has series', async t => {
    const results = await evaluate(prometheus, dashboardExpressions, variables, TIMES, { start, end, step: 1 })
    t.strictSame(findUnusable(results), [], 'all values are numbers')
    t.strictSame(findEmpty(results), [], 'no result is empty')
    t.strictSame(findNegative(results), [], 'no value is below 0')
    const rules = await queryExpressions(prometheus, ruleExpressions)
    t.strictSame(findUnusable(rules), [], 'all values of rules are numbers')
  })

  const [{ values = [] } = {}] = await prometheus.query(`dynoai_requests_in_flight{instance="${target}"}[5m]`, end)
  const factor = extrapolationFactor(values.length)
  t.strictSame(await findWrongPanels(prometheus, target, end, increases, factor), [], 'panels show what happened')

  const service = { prometheus, run, variables }
  await t.test('5 minutes after the traffic, every value is a number', async t => {
    await checkLater(t, service, end)
  })

  await t.test('after a restart, which resets every counter', async t => {
    await checkRestart(t, service, { counts: after, increases, factor })
  })
}, { since: 3 })

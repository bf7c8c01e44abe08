import { extrapolationFactor, increaseBounds } from '../fixtures/integration/bounds.js'
import {
  dashboardExpressions, findWrongPanels, now, queryExpressions, ruleExpressions, TIMES
} from '../fixtures/integration/dashboard-queries.js'
import { waitForScrape } from '../fixtures/integration/environment.js'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import { evaluate, findEmpty, findNegative, findUnusable } from '../fixtures/integration/evaluate.js'
import { startPrometheus } from '../fixtures/integration/prometheus.js'
import { writeFastRules } from '../fixtures/integration/rules.js'
import { TrafficRun } from '../fixtures/integration/traffic-run.js'

testWithEachPrometheus('where Prometheus converts classic histograms to native ones', async (t, program) => {
  const run = await TrafficRun.start(t, { version: '1.0.0' })
  const { target } = run
  await run.sendTraffic({ actions: 40, perSecond: 40 })
  const before = run.countEvents()
  const start = now()
  const prometheus = await startPrometheus(t, {
    global: {
      scrape_interval: '1s',
      scrape_timeout: '1s',
      evaluation_interval: '1s',
      convert_classic_histograms_to_nhcb: true
    },
    rule_files: writeFastRules(t),
    scrape_configs: [{ job_name: 'dynoai', static_configs: [{ targets: [target] }] }]
  }, { program })
  await prometheus.until('count_over_time(up{job="dynoai"}[1m]) > 3')
  await run.sendTraffic({ actions: 120, perSecond: 12 })
  const increases = increaseBounds(before, run.countEvents())
  const end = await waitForScrape(prometheus, 'dynoai')
  t.strictSame(await prometheus.query('dynoai_request_duration_seconds_count'), [], 'there is no classic histogram')

  const one = { job: 'dynoai', instance: target, route: '/api/analyze' }
  const several = { job: ['dynoai'], instance: [target], route: ['/api/analyze', '/api/status/:runId'] }
  const results = await evaluate(prometheus, dashboardExpressions, { one, several }, TIMES, { start, end, step: 1 })
  t.strictSame(findUnusable(results), [], 'all values are numbers')
  t.strictSame(findEmpty(results), [], 'no result is empty')
  t.strictSame(findNegative(results), [], 'no value is below 0')
  const rules = await queryExpressions(prometheus, ruleExpressions)
  t.strictSame(findUnusable(rules), [], 'all values of rules are numbers')

  const [{ values = [] } = {}] = await prometheus.query(`dynoai_requests_in_flight{instance="${target}"}[5m]`, end)
  const factor = extrapolationFactor(values.length)
  t.strictSame(await findWrongPanels(prometheus, target, end, increases, factor), [], 'panels show what happened')
}, { since: 3 })

import { substitute } from '../fixtures/dashboards/expressions.js'
import {
  extrapolationFactor, findOutOfBounds, increaseBounds, sumByLabels, sumByPattern
} from '../fixtures/integration/bounds.js'
import { checkLater, checkRestart } from '../fixtures/integration/check-expressions.js'
import {
  dashboardExpressions, dashboards, findWrongPanels, listLocations, nodePanel, now, queryExpressions, queryPanel,
  readPanelValue, ruleExpressions, TIMES, toExpressions
} from '../fixtures/integration/dashboard-queries.js'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import {
  findRuleFaults, startExternalTarget, startIdleServices, startScraping, waitForScrape
} from '../fixtures/integration/environment.js'
import {
  evaluate, findEmpty, findExternal, findNegative, findUnusable, readNumbers
} from '../fixtures/integration/evaluate.js'
import type { VariableValues } from '../fixtures/integration/evaluate.js'
import { FIRING_ALERT, removeComparisons } from '../fixtures/integration/rules.js'
import { TrafficRun } from '../fixtures/integration/traffic-run.js'
import { readAlertRules } from '../fixtures/rules/read.js'

/** Alerts whose operands have no series on a healthy service, and why. */
const ALERTS_WITHOUT_OPERANDS = {
  DynoaiAbsent: 'it queries for missing targets, and none is missing',
  DynoaiAnalysesFailing: 'some analyses succeed',
  DynoaiClientErrors: 'requests succeed',
  DynoaiFlapping: 'no target was down',
  DynoaiInstanceGone: 'it compares with the targets an hour ago',
  DynoaiInstanceWorse: 'it compares instances, and there is one',
  DynoaiMemoryGrowing: 'it compares with the value 6 hours ago',
  DynoaiMetricsFailing: 'no metric has overflow',
  DynoaiRequestsStuck: 'more requests end than are stuck',
  DynoaiTuningFailing: 'some sessions converge',
  DynoaiWorkerStale: 'the service is a single process'
}

testWithEachPrometheus('on a busy service', async (t, program) => {
  const run = await TrafficRun.start(t, { version: '1.0.0' })
  const { targets: [idle = '', other = ''] } = await startIdleServices(t, 1000)
  const external = await startExternalTarget(t)
  const { target } = run
  // Before the first scrape, so the first scrape has the series.
  await run.sendTraffic({ actions: 40, perSecond: 40 })
  const before = run.countEvents()
  const start = now()
  const jobs = { dynoai: [target], other: [idle, other], external: [external] }
  const prometheus = await startScraping(t, jobs, { program })
  const reads = await run.sendTraffic({ actions: 120, perSecond: 6 })
  const after = run.countEvents()
  const samplesBefore = await countSamples(target)
  const end = await waitForScrape(prometheus, 'dynoai')
  const variables: VariableValues = {
    one: { job: 'dynoai', instance: target, route: '/api/analyze' },
    several: { job: ['dynoai', 'other'], instance: [target, idle], route: ['/api/analyze', '/api/status/:runId'] }
  }
  const increases = increaseBounds(before, after)
  const [{ values = [] } = {}] = await prometheus.query(`dynoai_requests_in_flight{instance="${target}"}[5m]`, end)
  const factor = extrapolationFactor(values.length)
  t.ok(values.length > 20, `${values.length} samples`)

  await t.test('every expression has series, and none of the external target', async t => {
    const results = await evaluate(prometheus, dashboardExpressions, variables, TIMES, { start, end, step: 1 })
    t.ok(results.length > 700, `${results.length} results`)
    t.strictSame(findUnusable(results), [], 'all values are numbers')
    t.strictSame(findEmpty(results), [], 'no result is empty')
    t.strictSame(findNegative(results), [], 'no value is below 0')
    t.strictSame(findExternal(results, 'external', external), [], 'no result has series of the external target')

    const alerts = results.filter(({ location, choice }) =>
      location === "dynoai-overview, annotation 'Alerts'" && choice === 'one instance')
    t.strictSame(
      alerts.flatMap(result => result.series.map(({ metric }) => [metric, readNumbers(result).length])),
      [[{ job: 'dynoai', instance: target, alertname: FIRING_ALERT.alert, severity: 'ticket' }, 1]],
      'an annotation shows when an alert began to fire, and not that it still fires'
    )
  })

  await t.test('every recording rule has series, and every alert has operands and does not fire', async t => {
    const rules = await queryExpressions(prometheus, ruleExpressions)
    const alerts = await queryExpressions(prometheus, toExpressions(readAlertRules()))
    t.strictSame(findUnusable(rules), [], 'all values of rules are numbers')
    t.strictSame(
      listLocations(rules.filter(({ series }) => series.length === 0)), listLocations(alerts), 'only alerts are empty'
    )
    const withoutLimits = readAlertRules().map(({ alert, expr }) => ({ alert, expr: removeComparisons(expr) }))
    const operands = await queryExpressions(prometheus, toExpressions(withoutLimits))
    t.strictSame(operands.filter(({ error }) => error !== undefined), [], 'alerts without their limits are valid')
    t.strictSame(
      listLocations(operands.filter(({ series }) => series.length === 0)),
      Object.keys(ALERTS_WITHOUT_OPERANDS),
      'every other alert has operands'
    )
    t.strictSame(await findRuleFaults(prometheus), [], 'every rule is healthy, and no alert fires')
  })

  await t.test('the traffic has caused the events that panels are compared with', async t => {
    const names = [...increases].filter(([, { low }]) => low > 0).map(([name]) => name)
    for (const name of [
      'request GET /api/broken 500',
      'request POST /api/analyze 202',
      'request POST /api/analyze 400',
      'request POST /api/jetstream/sync 424',
      'request GET __unmatched__ 404',
      'analysis upload success',
      'analysis jetstream success',
      'analysis jetstream error',
      'analysis simulator',
      'files',
      'file bytes',
      'poll success',
      'poll error',
      'run complete',
      'run error',
      'run pending',
      'session converged',
      'session failed',
      'session stopped'
    ]) t.ok(names.includes(name), name)
    t.ok(names.filter(name => name.startsWith('request ')).length > 12)
  })

  await t.test('panels show the events that happened', async t => {
    t.strictSame(await findWrongPanels(prometheus, target, end, increases, factor), [])
  })

  await t.test('panels show the state of the service', async t => {
    const readValue = async (location: string): Promise<number> =>
      await readPanelValue(prometheus, location, target, end)
    t.equal(await readValue("dynoai-overview, panel 'In flight', A"), 0)
    t.equal(await readValue("dynoai-overview, panel 'Firing alerts', A"), 1)
    t.equal(await readValue("dynoai-overview, panel 'Bad scrapes', A"), 0)
    t.equal(await readValue("dynoai-overview, panel 'Metric faults', A"), 0)
    t.equal(await readValue("dynoai-overview, panel 'Up by instance', A"), 1)
    t.equal(await readValue("dynoai-overview, panel 'Open sessions', A"), 0)
    t.equal(await readValue("dynoai-overview, panel 'Active analyses', A"), 0)
    t.equal(await readValue(nodePanel('Instances up')), 1)
    t.equal(await readValue(nodePanel('Restarts in a day')), 0)
    t.equal(await readValue(nodePanel('Up')), 1)
    const apdex = await readValue("dynoai-overview, panel 'Apdex', A")
    t.ok(apdex > 0.5 && apdex <= 1, `Apdex ${apdex}`)
    const age = await readValue(nodePanel('Youngest process'))
    t.ok(age > end - start && age < end - start + 60, `${age} s old`)
    // A garbage collection can add series.
    const samples = await readValue(nodePanel('Samples per scrape'))
    t.ok(samples >= samplesBefore && samples <= await countSamples(target), `${samples} samples`)
    // An increase misses the first scrape. The test has also read the endpoint.
    const scrapes = values.length - 1
    const panel = await queryPanel(prometheus, nodePanel('Answered scrapes'), target, end)
    t.strictSame(findOutOfBounds(
      new Map([...sumByLabels(panel, [])].map(([key, value]) => [key, value * 5])),
      new Map([['', { low: scrapes, high: (scrapes + reads + 1) * factor }]])
    ), [], 'scrapes')
    const refused = await queryPanel(prometheus, nodePanel('Refused scrapes'), target, end)
    t.strictSame(
      refused.map(({ metric: { status }, value: [, count] }) => [status, count]), [['none', '0']],
      'no scrape was refused'
    )
    const [versions] = await queryPanel(prometheus, nodePanel('Versions'), target, end)
    t.match(versions?.metric, { application: '1.0.0', node: process.version })
  })

  await t.test('variables offer all their values', async t => {
    // Queries label values as Grafana does. The other tests use an expression with the same values.
    const listValues = async (name: string): Promise<string[]> => {
      const variable = dashboards[0]?.templating.list.find(variable => variable.name === name)
      const { query } = variable?.query as { readonly query: string }
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? []
      const parameters = { 'match[]': substitute(series, { job: [], instance: [] }, TIMES) }
      return await prometheus.get(`label/${label}/values`, parameters)
    }
    const routes = [...after.keys()].flatMap(name => /^request \S+ (\S+)/.exec(name)?.[1] ?? [])
    t.strictSame(await listValues('job'), ['dynoai', 'other'])
    t.strictSame(await listValues('instance'), [target, idle, other].sort())
    t.strictSame(await listValues('route'), [...new Set(routes)].sort())
  })

  const service = { prometheus, run, variables }
  await t.test('5 minutes after the traffic, every value is a number', async t => {
    await checkLater(t, service, end)
  })

  await t.test('after a restart, which resets every counter', async t => {
    const before = { counts: after, increases, factor }
    const { end, results, together } = await checkRestart(t, service, before)

    const lines = results.filter(({ location, choice }) =>
      location === "dynoai-overview, panel 'Requests by status', A" && choice === 'all')
    // An increase needs at least two samples.
    const { high = 0 } = sumByPattern(together, /^request /).get('') ?? {}
    const highest = Math.max(...lines.flatMap(readNumbers)) * 30
    t.ok(lines.length === 1 && highest < extrapolationFactor(2) * high, 'no line has a peak')

    t.equal(await readPanelValue(prometheus, nodePanel('Restarts in a day'), target, end), 1)
    const annotated = results.filter(({ location, choice }) =>
      location === "dynoai-node, annotation 'Starts'" && choice === 'one instance')
    t.strictSame(
      annotated.flatMap(({ series }) => series.map(({ metric }) => [metric['instance'], metric['version']])).sort(),
      [[target, '1.0.0'], [target, '2.0.0']],
      'annotations name the version that has started'
    )
    const starts = annotated.flatMap(readNumbers)
    t.equal(new Set(starts).size, 2, 'annotations show two starts')
    t.ok(starts.every(time => time > (start - 60) * 1000 && time < end * 1000))
    const versions = results.filter(({ location, choice }) =>
      location === "dynoai-node, annotation 'New versions'" && choice === 'all')
    t.strictSame(
      versions.flatMap(({ series }) => series.map(({ metric }) => metric)),
      [{ job: 'dynoai', version: '2.0.0' }],
      'an annotation shows only the new version'
    )
  })
})

async function countSamples (target: string): Promise<number> {
  const text = await (await fetch(`http://${target}/metrics`)).text()
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).length
}

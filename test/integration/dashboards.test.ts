import t from 'tap'
import { substitute } from '../fixtures/dashboards/expressions.js'
import { dashboardExpressions, ruleExpressions, queryExpressions, toExpressions, dashboards, nodePanel, now, readPanelValue, queryPanel, TIMES, listLocations, findWrongPanels, WIDE_TIMES } from '../fixtures/integration/dashboard-queries.js'
import { findEmpty, evaluate, findExternal, findNegative, readNumbers, findUnusable } from '../fixtures/integration/evaluate.js'
import type { VariableValues } from '../fixtures/integration/evaluate.js'
import { TrafficRun } from '../fixtures/integration/traffic-run.js'
import { removeComparisons } from '../fixtures/integration/rules.js'
import { sumByPattern, increaseBounds, extrapolationFactor, findOutOfBounds, sumByLabels, addRestart } from '../fixtures/integration/bounds.js'
import { waitForScrape, findRuleFaults, startScraping, startExternalTarget, startIdleServices } from '../fixtures/integration/environment.js'
import { readAlertRules } from '../fixtures/rules/read.js'

t.setTimeout(180_000)

/** Alerts whose series a healthy service does not have. Each stays silent, like all, and reads nothing. */
const READS_NOTHING = {
  DynoaiAbsent: 'asks for what is gone, and nothing is',
  DynoaiMemoryGrowing: 'compares with 6 hours ago'
}

t.test('on a busy service', async t => {
  const life = await TrafficRun.start(t, { version: '1.0.0' })
  const { targets: [quiet = '', other = ''] } = await startIdleServices(t, 1000)
  const stranger = await startExternalTarget(t)
  const { target } = life
  // Before the first scrape, so that series are there at it.
  await life.sendTraffic({ actions: 40, perSecond: 40 })
  const before = life.countEvents()
  const start = now()
  const prometheus = await startScraping(t, { dynoai: [target], other: [quiet, other], stranger: [stranger] })
  const reads = await life.sendTraffic({ actions: 120, perSecond: 6 })
  const after = life.countEvents()
  const linesBefore = await linesOf(target)
  const end = await waitForScrape(prometheus, 'dynoai')
  const choosable: VariableValues = {
    one: { job: 'dynoai', instance: target, route: '/api/analyze' },
    several: { job: ['dynoai', 'other'], instance: [target, quiet], route: ['/api/analyze', '/api/status/:runId'] }
  }
  const increases = increaseBounds(before, after)
  const [{ values = [] } = {}] = await prometheus.query(`dynoai_requests_in_flight{instance="${target}"}[5m]`, end)
  const by = extrapolationFactor(values.length)
  t.ok(values.length > 20, `${values.length} samples`)

  await t.test('every expression has an answer, without an error, and about our services only', async t => {
    const answers = await evaluate(prometheus, dashboardExpressions, choosable, TIMES, { start, end, step: 1 })
    t.ok(answers.length > 700, `${answers.length} answers`)
    t.strictSame(findUnusable(answers), [], 'all are numbers')
    t.strictSame(findEmpty(answers), [], 'none is empty')
    t.strictSame(findNegative(answers), [], 'none is below 0')
    t.strictSame(findExternal(answers, 'stranger', stranger), [], 'none is about a stranger')
  })

  await t.test('every rule has an answer, and every alert reads something and stays silent', async t => {
    const rules = await queryExpressions(prometheus, ruleExpressions)
    t.strictSame(findUnusable(rules), [], 'all of the rules, too')
    t.strictSame(listLocations(rules.filter(({ series }) => series.length === 0)), listLocations(await queryExpressions(prometheus, toExpressions(readAlertRules()))), 'those that are empty are the alerts')
    const operands = await queryExpressions(prometheus, toExpressions(readAlertRules().map(({ alert, expr }) => ({ alert, expr: removeComparisons(expr) }))))
    t.strictSame(operands.filter(({ error }) => error !== undefined), [], 'each can be read without its limits')
    t.strictSame(listLocations(operands.filter(({ series }) => series.length === 0)), Object.keys(READS_NOTHING), 'each reads something')
    t.strictSame(await findRuleFaults(prometheus), [], 'every rule is healthy, and no alert fires')
  })

  await t.test('the visitors have done what panels are compared with', async t => {
    const names = [...increases].filter(([, { low }]) => low > 0).map(([name]) => name)
    for (const name of [
      'request GET /api/health 200', 'request POST /api/analyze 202', 'request POST /api/analyze 400', 'request POST /api/jetstream/sync 502', 'request GET __unmatched__ 404',
      'analysis upload success', 'analysis jetstream success', 'analysis jetstream error', 'analysis simulator', 'files', 'file bytes',
      'poll success', 'poll error', 'run complete', 'run error', 'run pending', 'session converged', 'session failed', 'session stopped'
    ]) t.ok(names.includes(name), name)
    t.ok(names.filter(name => name.startsWith('request ')).length > 12)
  })

  await t.test('panels say what has happened', async t => {
    t.strictSame(await findWrongPanels(prometheus, target, end, increases, by), [], 'panels agree')
  })

  await t.test('panels say how the service is', async t => {
    const instant = async (from: string): Promise<number> => await readPanelValue(prometheus, from, target, end)
    t.equal(await instant("dynoai-overview, panel 'In flight', A"), 0)
    t.equal(await instant("dynoai-overview, panel 'Open sessions', A"), 0)
    t.equal(await instant("dynoai-overview, panel 'Active analyses', A"), 0)
    t.equal(await instant(nodePanel('Instances up')), 1)
    t.equal(await instant(nodePanel('Restarts in a day')), 0)
    t.equal(await instant(nodePanel('Up')), 1)
    const apdex = await instant("dynoai-overview, panel 'Apdex', A")
    t.ok(apdex > 0.5 && apdex <= 1, `Apdex ${apdex}`)
    const age = await instant(nodePanel('Youngest instance'))
    t.ok(age > end - start && age < end - start + 60, `${age} s old`)
    // The collection of garbage can bring series.
    const lines = await instant(nodePanel('Samples per scrape'))
    t.ok(lines >= linesBefore && lines <= await linesOf(target), `${lines} samples`)
    // The first scrape is not seen; the test read, too.
    const scrapes = values.length - 1
    t.strictSame(findOutOfBounds(sumByLabels((await queryPanel(prometheus, nodePanel('Answers of the endpoint'), target, end)).map(
      ({ value: [time, value], ...series }) => ({ ...series, value: [time, String(Number(value) * 5)] as const })), ['status']),
    new Map([['200', { low: scrapes, high: (scrapes + reads + 1) * by }]])), [], 'scrapes')
    const [versions] = await queryPanel(prometheus, nodePanel('Versions'), target, end)
    t.match(versions?.metric, { application: '1.0.0', node: process.version })
  })

  await t.test('variables offer what there is', async t => {
    // The way of Grafana, where the rest of this test uses an expression with the same values.
    const offered = async (name: string): Promise<string[]> => {
      const query = dashboards[0]?.templating.list.find(variable => variable.name === name)?.query as { readonly query: string }
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query.query) ?? []
      return await prometheus.get(`label/${label}/values`, { 'match[]': substitute(series, { job: [], instance: [] }, TIMES) })
    }
    t.strictSame(await offered('job'), ['dynoai', 'other'])
    t.strictSame(await offered('instance'), [target, quiet, other].sort())
    t.strictSame(await offered('route'), [...new Set([...after.keys()].flatMap(name => /^request \S+ (\S+)/.exec(name)?.[1] ?? []))].sort())
  })

  await t.test('when the visitors left 5 minutes ago, nothing is an error or no number', async t => {
    // Nobody waits: asked for later than now, a window of 5 minutes has only what was scraped since they left.
    await prometheus.until(`timestamp(up{job="dynoai"}) > ${end + 6}`)
    const later = now() + 294
    t.equal(await readPanelValue(prometheus, "dynoai-overview, panel 'Requests per second', A", target, later), 0)
    const answers = await evaluate(prometheus, dashboardExpressions, choosable, WIDE_TIMES, { start: later, end: later, step: 1 })
    t.strictSame(findUnusable(answers), [], 'all are numbers')
    t.strictSame(findNegative(answers), [], 'none is below 0')
    t.strictSame(findUnusable(await queryExpressions(prometheus, ruleExpressions, later)), [], 'all of the rules, too')
  })

  await t.test('after a restart, which sets every counter back', async t => {
    const stopped = now()
    await life.stop()
    await prometheus.until('up{job="dynoai"} == 0')
    const second = await TrafficRun.start(t, { version: '2.0.0', port: Number(target.split(':')[1]) })
    await prometheus.until('up{job="dynoai"} == 1')
    await second.sendTraffic({ actions: 40, perSecond: 10 })
    const restarted = second.countEvents()
    const end = await waitForScrape(prometheus, 'dynoai')
    const span = { start: stopped - 10, end, step: 1 }

    // Wide enough for samples of both lives, without which nothing is set back.
    const answers = await evaluate(prometheus, dashboardExpressions, choosable, { ...TIMES, __rate_interval: '30s' }, span)
    t.strictSame(findUnusable(answers), [], 'all are numbers')
    t.strictSame(findEmpty(answers), [], 'none is empty')
    t.strictSame(findNegative(answers), [], 'none is below 0')
    const rules = await queryExpressions(prometheus, ruleExpressions)
    t.strictSame(findUnusable(rules), [], 'all of the rules, too')
    t.strictSame(await findRuleFaults(prometheus), [], 'every rule is healthy, and no alert fires')

    const together = addRestart(increases, after, restarted)
    t.strictSame(await findWrongPanels(prometheus, target, end, together, by), [], 'panels add up both lives')

    const lines = answers.filter(({ location, choice }) => location === "dynoai-overview, panel 'Requests by status', A" && choice === 'all')
    // No increase is of fewer samples than two.
    const { high = 0 } = sumByPattern(together, /^request /).get('') ?? {}
    t.ok(lines.length === 1 && Math.max(...lines.flatMap(readNumbers)) * 30 < extrapolationFactor(2) * high, 'no line shoots up')

    t.equal(await readPanelValue(prometheus, nodePanel('Restarts in a day'), target, end), 1)
    const starts = answers.filter(({ location, choice }) => location === "dynoai-node, annotation 'Starts'" && choice === 'one instance').flatMap(readNumbers)
    t.equal(new Set(starts).size, 2, 'two starts are marked')
    t.ok(starts.every(time => time > (start - 60) * 1000 && time < end * 1000))
    const versions = answers.filter(({ location, choice }) => location === "dynoai-node, annotation 'New versions'" && choice === 'all')
    t.strictSame(versions.flatMap(({ series }) => series.map(({ metric }) => metric)), [{ job: 'dynoai', version: '2.0.0' }], 'the new version is marked, and nothing else')
  })
})

async function linesOf (target: string): Promise<number> {
  const text = await (await fetch(`http://${target}/metrics`)).text()
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).length
}

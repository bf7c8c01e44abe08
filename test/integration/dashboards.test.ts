import t from 'tap'
import { substitute } from '../fixtures/dashboards/expressions.js'
import { all, allRules, ask, asExpressions, dashboards, node, now, number, show, TIMES, titlesOf, untrue, WIDE } from '../fixtures/integration/ask.js'
import { empty, evaluate, foreign, negative, numbersOf, unusable } from '../fixtures/integration/evaluate.js'
import type { Choosable } from '../fixtures/integration/evaluate.js'
import { Life } from '../fixtures/integration/life.js'
import { operandsOf } from '../fixtures/integration/rules.js'
import { gather, increasesOf, inflation, outside, valuesBy, withRestart } from '../fixtures/integration/truth.js'
import { caughtUp, faultsOfRules, scrape, startForeign, startQuiet } from '../fixtures/integration/world.js'
import { alertRules } from '../fixtures/rules/read.js'

t.setTimeout(180_000)

/** Alerts whose series a healthy service does not have. Each stays silent, like all, and reads nothing. */
const READS_NOTHING = {
  DynoaiAbsent: 'asks for what is gone, and nothing is',
  DynoaiMemoryGrowing: 'compares with 6 hours ago'
}

t.test('on a busy service', async t => {
  const life = await Life.start(t, { version: '1.0.0' })
  const { targets: [quiet = '', other = ''] } = await startQuiet(t, 1000)
  const stranger = await startForeign(t)
  const { target } = life
  // Before the first scrape, so that series are there at it.
  await life.visit({ actions: 40, perSecond: 40 })
  const before = life.counts()
  const start = now()
  const prometheus = await scrape(t, { dynoai: [target], other: [quiet, other], stranger: [stranger] })
  const reads = await life.visit({ actions: 120, perSecond: 6 })
  const after = life.counts()
  const linesBefore = await linesOf(target)
  const end = await caughtUp(prometheus, 'dynoai')
  const choosable: Choosable = {
    one: { job: 'dynoai', instance: target, route: '/api/analyze' },
    several: { job: ['dynoai', 'other'], instance: [target, quiet], route: ['/api/analyze', '/api/status/:runId'] }
  }
  const increases = increasesOf(before, after)
  const [{ values = [] } = {}] = await prometheus.query(`dynoai_requests_in_flight{instance="${target}"}[5m]`, end)
  const by = inflation(values.length)
  t.ok(values.length > 20, `${values.length} samples`)

  await t.test('every expression has an answer, without an error, and about our services only', async t => {
    const answers = await evaluate(prometheus, all, choosable, TIMES, { start, end, step: 1 })
    t.ok(answers.length > 700, `${answers.length} answers`)
    t.strictSame(unusable(answers), [], 'all are numbers')
    t.strictSame(empty(answers), [], 'none is empty')
    t.strictSame(negative(answers), [], 'none is below 0')
    t.strictSame(foreign(answers, 'stranger', stranger), [], 'none is about a stranger')
  })

  await t.test('every rule has an answer, and every alert reads something and stays silent', async t => {
    const rules = await ask(prometheus, allRules)
    t.strictSame(unusable(rules), [], 'all of the rules, too')
    t.strictSame(titlesOf(rules.filter(({ series }) => series.length === 0)), titlesOf(await ask(prometheus, asExpressions(alertRules()))), 'those that are empty are the alerts')
    const operands = await ask(prometheus, asExpressions(alertRules().map(({ alert, expr }) => ({ alert, expr: operandsOf(expr) }))))
    t.strictSame(operands.filter(({ error }) => error !== undefined), [], 'each can be read without its limits')
    t.strictSame(titlesOf(operands.filter(({ series }) => series.length === 0)), Object.keys(READS_NOTHING), 'each reads something')
    t.strictSame(await faultsOfRules(prometheus), [], 'every rule is healthy, and no alert fires')
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
    t.strictSame(await untrue(prometheus, target, end, increases, by), [], 'panels agree')
  })

  await t.test('panels say how the service is', async t => {
    const instant = async (from: string): Promise<number> => await number(prometheus, from, target, end)
    t.equal(await instant("dynoai-overview, panel 'In flight', A"), 0)
    t.equal(await instant("dynoai-overview, panel 'Open sessions', A"), 0)
    t.equal(await instant("dynoai-overview, panel 'Active analyses', A"), 0)
    t.equal(await instant(node('Instances up')), 1)
    t.equal(await instant(node('Restarts in a day')), 0)
    t.equal(await instant(node('Up')), 1)
    const apdex = await instant("dynoai-overview, panel 'Apdex', A")
    t.ok(apdex > 0.5 && apdex <= 1, `Apdex ${apdex}`)
    const age = await instant(node('Youngest instance'))
    t.ok(age > end - start && age < end - start + 60, `${age} s old`)
    // The collection of garbage can bring series.
    const lines = await instant(node('Samples per scrape'))
    t.ok(lines >= linesBefore && lines <= await linesOf(target), `${lines} samples`)
    // The first scrape is not seen; the test read, too.
    const scrapes = values.length - 1
    t.strictSame(outside(valuesBy((await show(prometheus, node('Answers of the endpoint'), target, end)).map(
      ({ value: [time, value], ...series }) => ({ ...series, value: [time, String(Number(value) * 5)] as const })), ['status']),
    new Map([['200', { low: scrapes, high: (scrapes + reads + 1) * by }]])), [], 'scrapes')
    const [versions] = await show(prometheus, node('Versions'), target, end)
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
    t.equal(await number(prometheus, "dynoai-overview, panel 'Requests per second', A", target, later), 0)
    const answers = await evaluate(prometheus, all, choosable, WIDE, { start: later, end: later, step: 1 })
    t.strictSame(unusable(answers), [], 'all are numbers')
    t.strictSame(negative(answers), [], 'none is below 0')
    t.strictSame(unusable(await ask(prometheus, allRules, later)), [], 'all of the rules, too')
  })

  await t.test('after a restart, which sets every counter back', async t => {
    const stopped = now()
    await life.end()
    await prometheus.until('up{job="dynoai"} == 0')
    const second = await Life.start(t, { version: '2.0.0', port: Number(target.split(':')[1]) })
    await prometheus.until('up{job="dynoai"} == 1')
    await second.visit({ actions: 40, perSecond: 10 })
    const restarted = second.counts()
    const end = await caughtUp(prometheus, 'dynoai')
    const span = { start: stopped - 10, end, step: 1 }

    // Wide enough for samples of both lives, without which nothing is set back.
    const answers = await evaluate(prometheus, all, choosable, { ...TIMES, __rate_interval: '30s' }, span)
    t.strictSame(unusable(answers), [], 'all are numbers')
    t.strictSame(empty(answers), [], 'none is empty')
    t.strictSame(negative(answers), [], 'none is below 0')
    const rules = await ask(prometheus, allRules)
    t.strictSame(unusable(rules), [], 'all of the rules, too')
    t.strictSame(await faultsOfRules(prometheus), [], 'every rule is healthy, and no alert fires')

    const together = withRestart(increases, after, restarted)
    t.strictSame(await untrue(prometheus, target, end, together, by), [], 'panels add up both lives')

    const lines = answers.filter(({ from, chosen }) => from === "dynoai-overview, panel 'Requests by status', A" && chosen === 'all')
    // No increase is of fewer samples than two.
    const { high = 0 } = gather(together, /^request /).get('') ?? {}
    t.ok(lines.length === 1 && Math.max(...lines.flatMap(numbersOf)) * 30 < inflation(2) * high, 'no line shoots up')

    t.equal(await number(prometheus, node('Restarts in a day'), target, end), 1)
    const starts = answers.filter(({ from, chosen }) => from === "dynoai-node, annotation 'Starts'" && chosen === 'one instance').flatMap(numbersOf)
    t.equal(new Set(starts).size, 2, 'two starts are marked')
    t.ok(starts.every(time => time > (start - 60) * 1000 && time < end * 1000))
    const versions = answers.filter(({ from, chosen }) => from === "dynoai-node, annotation 'New versions'" && chosen === 'all')
    t.strictSame(versions.flatMap(({ series }) => series.map(({ metric }) => metric)), [{ job: 'dynoai', version: '2.0.0' }], 'the new version is marked, and nothing else')
  })
})

async function linesOf (target: string): Promise<number> {
  const text = await (await fetch(`http://${target}/metrics`)).text()
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).length
}

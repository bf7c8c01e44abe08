import t from 'tap'
import { all, allRules, ask, dashboards, now, TIMES, titlesOf } from '../fixtures/integration/ask.js'
import { empty, evaluate, negative, unusable } from '../fixtures/integration/evaluate.js'
import type { Choosable } from '../fixtures/integration/evaluate.js'
import { NEVER_POLLS } from '../fixtures/integration/life.js'
import { faultsOfRules, scrape, startQuiet } from '../fixtures/integration/world.js'

t.setTimeout(180_000)

t.test('on an idle service nothing is an error or no number, and what is empty says why', async t => {
  const { targets } = await startQuiet(t, NEVER_POLLS)
  const [one = '', other = ''] = targets
  const start = now()
  const prometheus = await scrape(t, { dynoai: [one], other: [other] })
  const choosable: Choosable = {
    one: { job: 'dynoai', instance: one, route: '/api/health' },
    several: { job: ['dynoai', 'other'], instance: targets, route: ['/api/health', '/api/analyze'] }
  }
  const answers = await evaluate(prometheus, all, choosable, TIMES, { start, end: now(), step: 1 })
  t.ok(answers.length > 700, `${answers.length} answers`)
  t.strictSame(unusable(answers), [], 'all are numbers')
  t.strictSame(negative(answers), [], 'none is below 0')

  // A panel that is empty says that nothing has happened yet. One that says that the service is not scraped is not empty.
  const texts = new Map(dashboards.flatMap(({ uid, panels }) => panels.map(({ title, fieldConfig }) => [`${uid}, panel '${title}'`, fieldConfig?.defaults.noValue ?? ''])))
  const hollow = titlesOf(answers.filter(({ series }) => series.length === 0))
  t.strictSame(hollow.filter(from => !/^No /.test(texts.get(from.replace(/, \w$/, '')) ?? '')), ["dynoai-overview, variable 'route'"], 'no route has had a request')

  const rules = await ask(prometheus, allRules)
  t.strictSame(unusable(rules), [], 'all of the rules, too')
  t.strictSame(empty(rules.filter(({ from }) => from.startsWith('job:'))), [], 'everything is recorded')
  // It has polled once and will not for an hour, so that what it knows of Jetstream is stale.
  t.strictSame(titlesOf(rules.filter(({ from, series }) => from.startsWith('Dynoai') && series.length > 0)), ['DynoaiJetstreamStale'], 'no other alert says anything')
  t.strictSame(await faultsOfRules(prometheus), [], 'every rule is healthy, and no alert fires')
})

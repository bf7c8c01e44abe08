import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { stringify } from 'yaml'
import { listPrograms } from '../fixtures/integration/prometheus-programs.js'
import { runPromtool, runPromtoolSince } from '../fixtures/integration/promtool.js'
import { root } from '../fixtures/root.js'

// Each version of promtool evaluates every rule over days of samples, which is slow on a busy machine.
t.setTimeout(300_000 * listPrograms('promtool').length)

t.test('promtool accepts the rules', async t => {
  const files = ['dashboards/rules/recording.yml', 'dashboards/rules/alerts.yml']
  t.equal(await runPromtool('check', 'rules', '--lint=all', '--lint-fatal', ...files), '')
})

t.test('the rules pass their tests', async t => {
  const folder = 'test/dashboards/rules'
  const files = readdirSync(new URL(folder, root))
  t.ok(files.length > 10)
  for (const file of files) t.equal(await runPromtool('test', 'rules', `${folder}/${file}`), '', file)
})

t.test('the rules pass their tests with native histograms, which only promtool 3 can read', async t => {
  const folder = 'test/dashboards/rules-native'
  const files = readdirSync(new URL(folder, root))
  t.not(files.length, 0)
  for (const file of files) t.equal(await runPromtoolSince(3, 'test', 'rules', `${folder}/${file}`), '', file)
})

/** Splits a block into queries. A query has one line, or more while a bracket is open. */
function splitQueries (block: string): string[] {
  const queries: string[] = []
  let open = 0
  for (const line of block.trim().split('\n')) {
    if (open === 0) queries.push(line)
    else queries.push(`${queries.pop() ?? ''}\n${line}`)
    open += line.split('(').length - line.split(')').length
  }
  return queries
}

t.test('every query of the runbook is valid PromQL', async t => {
  const runbook = readFileSync(new URL('dashboards/RUNBOOK.md', root), 'utf8')
  const queries = [...runbook.matchAll(/^```promql\n(.*?)^```$/gms)].flatMap(([, block = '']) => splitQueries(block))
  t.ok(queries.length > 30)
  const rules = queries.map((expr, i) => ({ record: `runbook:query${i}`, expr }))
  const dir = t.testdir({ 'runbook.yml': stringify({ groups: [{ name: 'runbook', rules }] }) })
  t.equal(await runPromtool('check', 'rules', `${dir}/runbook.yml`), '')
})

import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { stringify } from 'yaml'
import { runPromtool } from '../fixtures/integration/promtool.js'
import { root } from '../fixtures/root.js'

// Days of samples go through every rule; a busy machine takes its time.
t.setTimeout(300_000)

t.test('promtool finds nothing to say about the rules', async t => {
  t.equal(await runPromtool('check', 'rules', '--lint=all', '--lint-fatal', 'dashboards/rules/recording.yml', 'dashboards/rules/alerts.yml'), '')
})

t.test('the rules do what their tests say', async t => {
  const folder = 'test/dashboards/rules'
  const files = readdirSync(new URL(folder, root))
  t.ok(files.length > 10)
  for (const file of files) t.equal(await runPromtool('test', 'rules', `${folder}/${file}`), '', file)
})

/** The queries of a block, one a line unless brackets are open. */
function queriesIn (block: string): string[] {
  const queries: string[] = []
  let open = 0
  for (const line of block.trim().split('\n')) {
    if (open === 0) queries.push(line)
    else queries.push(`${queries.pop() ?? ''}\n${line}`)
    open += line.split('(').length - line.split(')').length
  }
  return queries
}

t.test('every query of the runbook is PromQL', async t => {
  const blocks = [...readFileSync(new URL('dashboards/RUNBOOK.md', root), 'utf8').matchAll(/^```promql\n(.*?)^```$/gms)].map(([, block]) => block ?? '')
  const queries = blocks.flatMap(queriesIn)
  t.ok(queries.length > 30)
  const rules = queries.map((expr, i) => ({ record: `runbook:query${i}`, expr }))
  const dir = t.testdir({ 'runbook.yml': stringify({ groups: [{ name: 'runbook', rules }] }) })
  t.equal(await runPromtool('check', 'rules', `${dir}/runbook.yml`), '')
})

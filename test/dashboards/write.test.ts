import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { renderDashboards, renderRules, writeDashboards } from '../../dashboards/src/write.js'
import { DASHBOARDS, DASHBOARDS_DIRECTORY } from '../fixtures/dashboards/dashboard.js'

t.test('the committed dashboards equal the generated ones; run npm run dashboards if they differ', async t => {
  const rendered = renderDashboards()
  const committed = readdirSync(DASHBOARDS_DIRECTORY).filter(name => /^dynoai-.*\.json$/.test(name))
  t.strictSame(Object.keys(rendered).sort(), committed.sort())
  for (const [name, text] of Object.entries(rendered)) {
    t.equal(text, readFileSync(new URL(name, DASHBOARDS_DIRECTORY), 'utf8'), name)
  }
})

t.test('the committed rules equal the generated ones; run npm run dashboards if they differ', async t => {
  for (const [name, text] of Object.entries(renderRules())) {
    t.equal(text, readFileSync(new URL(name, DASHBOARDS_DIRECTORY), 'utf8'), name)
  }
})

t.test('renders the same dashboards every time', async t => {
  t.strictSame(renderDashboards(), renderDashboards())
})

t.test('writes each dashboard and rule file to a separate file in the given directory', async t => {
  const directory = t.testdir()
  await writeDashboards(directory)
  t.strictSame(readdirSync(directory).sort(), [...DASHBOARDS, 'rules'].sort())
  t.strictSame(readdirSync(join(directory, 'rules')).sort(), ['alerts.yml', 'recording.yml'])
  for (const [name, text] of Object.entries({ ...renderDashboards(), ...renderRules() })) {
    t.equal(readFileSync(join(directory, name), 'utf8'), text)
  }
})

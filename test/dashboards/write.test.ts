import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { files, write } from '../../dashboards/src/write.js'
import { DASHBOARDS, DASHBOARDS_DIRECTORY } from '../fixtures/dashboards/dashboard.js'

t.test('the committed dashboards are those that the code makes; npm run dashboards makes them', async t => {
  const made = files()
  t.strictSame(Object.keys(made).sort(), readdirSync(DASHBOARDS_DIRECTORY).filter(name => /^dynoai-.*\.json$/.test(name)).sort())
  for (const [name, text] of Object.entries(made)) t.equal(text, readFileSync(new URL(name, DASHBOARDS_DIRECTORY), 'utf8'), name)
})

t.test('the same code makes the same dashboards', async t => {
  t.strictSame(files(), files())
})

t.test('each is a file of its own in the directory asked for', async t => {
  const directory = t.testdir()
  await write(directory)
  t.strictSame(readdirSync(directory).sort(), [...DASHBOARDS].sort())
  for (const name of DASHBOARDS) t.equal(readFileSync(join(directory, name), 'utf8'), files()[name])
})

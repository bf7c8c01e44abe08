import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { cells } from './cells.js'
import { installProject, installWithoutDev } from './install.js'

// The test installs hundreds of packages, which is slow on a busy machine.
t.setTimeout(900_000)
t.jobs = availableParallelism()

const IMPORTED = { exports: ['default', 'dynoaiMetrics'], isOne: true, statusCode: 200, counts: true }

const project = await installProject(t)
const nodes = new Map<string, string>()
for (const version of ['20.0.0', '22.0.0', '24']) nodes.set(version, await project.installNode(version))

t.test('npm ci --omit=dev succeeds in a clone, and does not compile', { buffered: true }, async t => {
  const clone = await installWithoutDev(t)
  t.ok(existsSync(join(clone, 'node_modules/prom-client')))
  t.notOk(existsSync(join(clone, 'node_modules/typescript')))
  t.notOk(existsSync(join(clone, 'dist')))
})

for (const { name, compiler, args } of cells) {
  t.test(name, { buffered: true }, async t => {
    t.equal(await project.run([`node_modules/${compiler}/bin/tsc`, ...args]), '')
  })
}

for (const [version, node] of nodes) {
  t.test(`Node ${version} imports the package`, { buffered: true }, async t => {
    t.strictSame(JSON.parse(await project.run(['imported.mjs'], { node })), IMPORTED)
  })

  t.test(`Node ${version} requires the package`, { buffered: true }, async t => {
    t.strictSame(JSON.parse(await project.run(['required.cjs'], { node })), IMPORTED)
  })

  t.test(`Node ${version} finds the dashboards and the rules`, { buffered: true }, async t => {
    t.strictSame(JSON.parse(await project.run(['files.cjs'], { node })), {
      paths: ['/dashboards/dynoai-dashboard.json', '/dashboards/rules/alerts.yml'], uid: 'dynoai-overview'
    })
  })

  t.test(`two copies in one process detect each other on Node ${version}`, { buffered: true }, async t => {
    const labels = '{status="success",source="upload"}'
    t.strictSame(JSON.parse(await project.run(['both.mjs'], { node })), {
      areTwo: true,
      codes: ['DYNOAI_METRICS_ERR_REGISTERED', 'DYNOAI_METRICS_ERR_REGISTERED'],
      monitors: 1,
      taken: 'DYNOAI_METRICS_ERR_NAME_TAKEN',
      samples: Array.from({ length: 2 }, () => [`dynoai_analysis_total${labels} 1`, `second_analysis_total${labels} 2`])
    })
  })
}

/** Jest configurations by the folder of their tests. */
const JEST = {
  'jest-require': 'Jest with its defaults',
  'jest-import': 'Jest with Babel, which compiles import to require'
}

for (const version of ['20.0.0', '24']) {
  for (const [folder, name] of Object.entries(JEST)) {
    t.test(`${name}, on Node ${version}`, { buffered: true }, async t => {
      const options = { node: nodes.get(version) ?? '', folder }
      await t.resolves(project.run(['../node_modules/jest/bin/jest.js', '--ci'], options))
    })
  }
}

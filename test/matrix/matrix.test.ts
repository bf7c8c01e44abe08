import { availableParallelism } from 'node:os'
import t from 'tap'
import { cells } from './cells.js'
import { installProject } from './install.js'

// Installs hundreds of packages; a busy machine takes its time.
t.setTimeout(900_000)
t.jobs = availableParallelism()

const IMPORTED = { exports: ['default', 'dynoaiMetrics'], isOne: true, statusCode: 200, counts: true }

const project = await installProject(t)
const nodes = new Map<string, string>()
for (const version of ['20.0.0', '22.0.0', '24']) nodes.set(version, await project.installNode(version))

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

  t.test(`two copies in one process know each other on Node ${version}`, { buffered: true }, async t => {
    const labels = '{status="success",source="upload"}'
    t.strictSame(JSON.parse(await project.run(['both.mjs'], { node })), {
      areTwo: true,
      codes: ['DYNOAI_METRICS_ERR_REGISTERED', 'DYNOAI_METRICS_ERR_REGISTERED'],
      monitors: 1,
      taken: 'DYNOAI_METRICS_ERR_NAME_TAKEN',
      samples: Array.from({ length: 2 }, () => [`dynoai_analysis_total${labels} 1`, `guest_analysis_total${labels} 2`])
    })
  })
}

for (const version of ['20.0.0', '24']) {
  for (const folder of ['jest-require', 'jest-import']) {
    t.test(`Jest with its defaults on Node ${version}, ${folder}`, { buffered: true }, async t => {
      const options = { node: nodes.get(version) ?? '', folder }
      await t.resolves(project.run(['../node_modules/jest/bin/jest.js', '--ci'], options))
    })
  }
}

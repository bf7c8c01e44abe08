import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { listPrograms } from '../fixtures/integration/prometheus-programs.js'
import { findTool } from '../fixtures/integration/tools.js'
import { root } from '../fixtures/root.js'

const folder = fileURLToPath(new URL('dashboards/prometheus/', root))
const run = promisify(execFile)

t.test('Prometheus accepts its configuration, and finds its rule files', async t => {
  for (const { path, version } of listPrograms('promtool')) {
    const { stdout } = await run(path, ['check', 'config', `${folder}prometheus.yml`])
    t.match(stdout, 'SUCCESS: 2 rule files found', version)
  }
})

t.test('Alertmanager accepts its configuration', async t => {
  const { stdout } = await run(findTool('amtool'), ['check-config', `${folder}alertmanager.yml`])
  t.match(stdout, 'SUCCESS')
})

t.test('Alertmanager routes an alert to the receiver of its severity', async t => {
  for (const severity of ['page', 'ticket']) {
    const labels = ['alertname=DynoaiDown', `severity=${severity}`]
    const args = ['config', 'routes', 'test', `--config.file=${folder}alertmanager.yml`, ...labels]
    const { stdout } = await run(findTool('amtool'), args)
    t.equal(stdout.trim(), severity)
  }
})

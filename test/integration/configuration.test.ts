import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { findTool } from '../fixtures/integration/tools.js'
import { root } from '../fixtures/root.js'

const folder = fileURLToPath(new URL('dashboards/prometheus/', root))
const run = promisify(execFile)

t.test('Prometheus takes its configuration, and finds the rules that it names', async t => {
  const { stdout } = await run(findTool('promtool'), ['check', 'config', `${folder}prometheus.yml`])
  t.match(stdout, 'SUCCESS: 2 rule files found')
})

t.test('Alertmanager takes its configuration', async t => {
  const { stdout } = await run(findTool('amtool'), ['check-config', `${folder}alertmanager.yml`])
  t.match(stdout, 'SUCCESS')
})

t.test('an alert goes to the receiver of its severity', async t => {
  for (const severity of ['page', 'ticket']) {
    const { stdout } = await run(findTool('amtool'), ['config', 'routes', 'test', `--config.file=${folder}alertmanager.yml`, 'alertname=DynoaiDown', `severity=${severity}`])
    t.equal(stdout.trim(), severity)
  }
})

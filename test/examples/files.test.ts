import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { readEnvironment } from '../../examples/service/environment.js'
import { root } from '../fixtures/root.js'
import { checkCompose } from '../fixtures/stack/check-compose.js'
import type { Compose } from '../fixtures/stack/types.js'

// Checks the examples that other programs read. The integration tests pass some of them to these programs.

const read = (path: string): string => readFileSync(new URL(`examples/${path}`, root), 'utf8')
const SERVICE = 'dist/examples/service/main.js'
const CLUSTER = 'dist/examples/cluster/main.js'
/** How long a service may take to stop before it is killed, in seconds: as long as the primary of the cluster waits. */
const MIN_GRACE = 10

t.test('PM2 runs the service in cluster mode, and gives it time to stop', async t => {
  const file = fileURLToPath(new URL('examples/pm2/ecosystem.config.cjs', root))
  const { apps } = createRequire(import.meta.url)(file) as { apps: Array<Record<string, unknown>> }
  t.equal(apps.length, 1)
  const [{ script, kill_timeout: killTimeout, ...app } = {}] = apps
  t.strictSame(app, { name: 'dynoai', exec_mode: 'cluster', instances: 'max', env: { PORT: '5001' } })
  t.equal(script, fileURLToPath(new URL(SERVICE, root)))
  t.ok(existsSync(String(script)))
  t.ok(Number(killTimeout) >= 1000 * MIN_GRACE)
})

/** The settings of a unit, as `Section.Name`. */
function parseUnit (text: string): Record<string, string> {
  let section = ''
  return Object.fromEntries(text.split('\n').flatMap(line => {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [[`${section}.${name}`, value]]
  }))
}

t.test('each unit of systemd is a process at the same socket, with a private directory that stays', async t => {
  const unit = parseUnit(read('systemd/dynoai@.service'))
  const socket = parseUnit(read('systemd/dynoai.socket'))
  t.match(unit, {
    'Service.Sockets': 'dynoai.socket',
    'Unit.Requires': 'dynoai.socket',
    'Service.RuntimeDirectory': 'dynoai',
    'Service.RuntimeDirectoryMode': '0700',
    'Service.RuntimeDirectoryPreserve': 'yes'
  })
  t.ok(Number.parseInt(unit['Service.TimeoutStopSec'] ?? '', 10) >= MIN_GRACE)
  t.equal(unit['Service.ExecStart'], `/usr/bin/env node ${SERVICE}`)
  t.match(socket['Socket.Service'], /^dynoai@\d+\.service$/)
  t.match(readEnvironment({}, 1).listen, { port: Number(socket['Socket.ListenStream']?.split(':')[1]) })
})

t.test('the containers run what exists, and the ones with several processes have a directory in memory', async t => {
  const compose = parse(read('containers/compose.yml')) as Compose
  t.strictSame(checkCompose(compose), [])
  const { single, several, prometheus, ...others } = compose.services
  t.strictSame(others, {})
  for (const [service, file] of [[single, SERVICE], [several, CLUSTER]] as const) {
    t.strictSame(service?.command, ['node', file])
    t.ok(existsSync(new URL(file, root)))
    t.match(service, { user: 'node', read_only: true, environment: { HOST: '0.0.0.0', PORT: '5001' } })
  }
  t.equal(single?.tmpfs, undefined, 'one process writes no file')
  t.equal(single?.ports, undefined, 'replicas cannot share a port of the machine')
  t.match(several?.tmpfs, [/^\/tmp:/])
  t.ok(Number.parseInt(several?.stop_grace_period ?? '', 10) >= MIN_GRACE)

  const [mount] = prometheus?.volumes ?? []
  t.match(prometheus?.command, [`--config.file=${mount?.target}/prometheus.yml`])
  const { scrape_configs: jobs } = parse(read('containers/prometheus.yml'))
  t.match(jobs, [{ job_name: 'dynoai', dns_sd_configs: [{ names: ['single', 'several'], type: 'A', port: 5001 }] }])
})

t.test('an agent sends what it scrapes to a store, and limits what a target may send', async t => {
  const { scrape_configs: [job], remote_write: [store], global } = parse(read('agent/prometheus-agent.yml'))
  t.match(job, { job_name: 'dynoai', sample_limit: Number, file_sd_configs: [{ files: ['targets.yml'] }] })
  t.match(parse(read('agent/targets.yml')), [{ targets: [/:5001$/] }])
  t.match(store, { url: /^https:/ })
  t.ok(store.queue_config.capacity >= 3 * store.queue_config.max_samples_per_send)
  t.match(global.external_labels, { cluster: String, __replica__: String })
})

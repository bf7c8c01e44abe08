import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { readEnvironment } from '../../examples/dynoai-api/environment.js'
import { root } from '../fixtures/root.js'
import { checkCompose } from '../fixtures/stack/check-compose.js'
import { checkStack } from '../fixtures/stack/check-stack.js'
import type { StackContext } from '../fixtures/stack/check-stack.js'
import type { RulesFile } from '../fixtures/rules/types.js'
import type { Stack } from '../fixtures/stack/types.js'

// What can be checked of the compose file and its configuration without a container engine.

const exists = (path: string): boolean => existsSync(new URL(path, root))
const read = (path: string): unknown => parse(readFileSync(new URL(path, root), 'utf8'))

const { port, metricsPath } = readEnvironment({})
const { groups } = read('dashboards/rules/alerts.yml') as RulesFile
const rules = groups.flatMap(({ rules }) => rules)
const surroundings: StackContext = {
  port,
  metricsPath,
  severities: [...new Set(rules.map(({ labels = {} }) => labels['severity'] ?? ''))],
  alerts: rules.map(({ alert = '' }) => alert),
  exists
}

/** The real files, each time anew. */
const stack = (): Stack => ({
  compose: read('examples/compose.yml'),
  prometheus: read('dashboards/prometheus/prometheus.yml'),
  alertmanager: read('dashboards/prometheus/alertmanager.yml'),
  datasources: read('dashboards/provisioning/datasources/prometheus.yml'),
  providers: read('dashboards/provisioning/dashboards/dynoai.yml')
}) as Stack

type Change = readonly [path: string, value: unknown]

/** The real files with one thing changed, at a path of keys; `undefined` takes it away. */
function changed ([path, value]: Change): Stack {
  const keys = path.split(' ')
  const last = keys.pop() ?? ''
  const whole = stack()
  const holder = keys.reduce<unknown>((holder, key) => (holder as Record<string, unknown>)[key], whole) as Record<string, unknown>
  if (!(last in holder)) throw new Error(`there is no ${path} to change`)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return whole
}

const service = (name: string): string => `compose services ${name}`

t.test('the compose file says what compose knows, pinned, read-only and on loopback', async t => {
  const { compose } = stack()
  t.strictSame(checkCompose(compose), [])
  t.strictSame(Object.keys(compose.services), ['dynoai', 'prometheus', 'alertmanager', 'grafana'])
})

t.test('what is wrong with the compose file is found', async t => {
  const mount = service('prometheus') + ' volumes 0'
  const cases: Array<readonly [fault: string, ...change: Change]> = [
    ['unknown version', 'compose', { ...stack().compose, version: '3' }],
    ['grafana: unknown enviroment', service('grafana'), { image: 'grafana/grafana:12.3.1', enviroment: {} }],
    ['grafana: the image grafana/grafana:latest is not pinned', service('grafana image'), 'grafana/grafana:latest'],
    ['grafana: the image grafana/grafana is not pinned', service('grafana image'), 'grafana/grafana'],
    ['dynoai: the image node:22 is not pinned', service('dynoai image'), 'node:22'],
    ['dynoai: 5001 is not a string', service('dynoai environment PORT'), 5001],
    ['grafana: true is not a string', service('grafana environment GF_AUTH_ANONYMOUS_ENABLED'), true],
    ['grafana: the port 3000:3000 is not on loopback alone, under its own number', service('grafana ports 0'), '3000:3000'],
    ['grafana: the port 0.0.0.0:3000:3000 is not on loopback alone, under its own number', service('grafana ports 0'), '0.0.0.0:3000:3000'],
    ['grafana: the port 127.0.0.1:3001:3000 is not on loopback alone, under its own number', service('grafana ports 0'), '127.0.0.1:3001:3000'],
    ['prometheus: there is no volume data', service('prometheus volumes 1 source'), 'data'],
    ['prometheus: there is no volume prometheus', 'compose volumes', undefined],
    ['prometheus: a mount of type tmpfs', `${mount} type`, 'tmpfs'],
    ['prometheus: ../dashboards can be written', `${mount} read_only`, false],
    ['prometheus: ../dashboards would be made', `${mount} bind`, undefined],
    ['prometheus: unknown readonly', mount, { type: 'bind', source: '.', target: '/x', read_only: true, readonly: true, bind: { create_host_path: false } }],
    ['prometheus: dynoai is not known to be healthy', service('prometheus depends_on dynoai condition'), 'service_started'],
    ['prometheus: dynoai is not known to be healthy', service('dynoai healthcheck'), undefined],
    ['dynoai: the health check is no command', service('dynoai healthcheck test 0'), 'SHELL'],
    ['prometheus: the health check asks port 9091', service('prometheus healthcheck test 5'), 'http://127.0.0.1:9091/-/ready'],
    ['prometheus: unknown intervall', service('prometheus healthcheck'), { test: ['CMD', 'http://127.0.0.1:9090'], intervall: '1s' }]
  ]
  for (const [fault, ...change] of cases) t.strictSame(checkCompose(changed(change).compose), [fault])
})

t.test('ports agree, what is mounted exists, and everybody finds each other', async t => {
  t.strictSame(checkStack(stack(), surroundings), [])
})

t.test('what does not fit is found', async t => {
  const target = 'prometheus scrape_configs 0 static_configs 0 targets 0'
  const cases: Array<readonly [faults: string[], ...change: Change]> = [
    [['the service listens on localhost'], service('dynoai environment HOST'), 'localhost'],
    [['the service listens on undefined'], service('dynoai environment HOST'), undefined],
    [['the service listens on port 5002'], service('dynoai environment PORT'), '5002'],
    [['dynoai:5001 is not where dynoai is'], service('dynoai ports 0'), '127.0.0.1:5002:5002'],
    [['dynoai:5001 is not where dynoai is'], service('dynoai ports'), undefined],
    [['dynoai:5002 is not where dynoai is'], target, 'dynoai:5002'],
    [['localhost:5001 is not where dynoai is'], target, 'localhost:5001'],
    [['the job is not dynoai'], 'prometheus scrape_configs 0 job_name', 'node'],
    [['/stats is scraped'], 'prometheus scrape_configs 0 metrics_path', '/stats'],
    [['alertmanager:9094 is not where alertmanager is'], 'prometheus alerting alertmanagers 0 static_configs 0 targets 0', 'alertmanager:9094'],
    [['localhost:9090 is not where prometheus is'], 'datasources datasources 0 url', 'http://localhost:9090'],
    [['the data source expects scrapes every 1m'], 'datasources datasources 0 jsonData timeInterval', '1m'],
    [['the data source expects scrapes every 15s'], 'prometheus global scrape_interval', '30s'],
    [['Prometheus is not the data source'], 'datasources datasources 0 isDefault', false],
    [['dynoai does not find /app/dist/examples/dynoai-api/demo/other.js'], service('dynoai command 1'), 'dist/examples/dynoai-api/demo/other.js'],
    [['dynoai does not find /srv/dist/examples/dynoai-api/demo/main.js'], service('dynoai working_dir'), '/srv'],
    [['dynoai does not find dist/examples/dynoai-api/demo/main.js'], service('dynoai working_dir'), undefined],
    [['x/prometheus', 'rules/recording', 'rules/alerts'].map(file => `prometheus does not find /etc/other/${file}.yml`), service('prometheus command 0'), '--config.file=/etc/other/x/prometheus.yml'],
    [['recording', 'alerts'].map(file => `prometheus does not find /etc/rules/${file}.yml`), service('prometheus'), {
      ...stack().compose.services['prometheus'],
      command: ['--config.file=/etc/dynoai/prometheus.yml'],
      volumes: [{ type: 'bind', source: '../dashboards/prometheus', target: '/etc/dynoai' }]
    }],
    [['prometheus does not find /etc/dynoai/rules/other.yml'], 'prometheus rule_files 1', '../rules/other.yml'],
    [['alertmanager does not find '], service('alertmanager command'), undefined],
    [['dashboards/prom does not exist', 'alertmanager does not find /etc/dynoai/alertmanager.yml'], service('alertmanager volumes 0 source'), '../dashboards/prom'],
    [['GF_ANALYTICS_REPORTING_ENABLED is true'], service('grafana environment GF_ANALYTICS_REPORTING_ENABLED'), 'true'],
    [['GF_AUTH_ANONYMOUS_ORG_ROLE is Admin'], service('grafana environment GF_AUTH_ANONYMOUS_ORG_ROLE'), 'Admin'],
    [['the provisioning is not where Grafana looks'], service('grafana volumes 0 target'), '/etc/provisioning'],
    [['/dashboards/dynoai-slo.json is not where the provider looks'], service('grafana volumes 2 target'), '/dashboards/dynoai-slo.json'],
    [['/var/lib/grafana/dashboards/dynoai-dashboard.json', '/var/lib/grafana/dashboards/dynoai-slo.json', '/var/lib/grafana/dashboards/dynoai-node.json'].map(path => `${path} is not where the provider looks`), 'providers providers 0 options path', '/dashboards'],
    [['dashboards/dynoai-nodes.json does not exist', 'not all dashboards are mounted'], service('grafana volumes 3 source'), '../dashboards/dynoai-nodes.json'],
    [['the home dashboard /x.json is not mounted'], service('grafana environment GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'), '/x.json'],
    [['page has no route'], 'alertmanager route routes 0 receiver', 'ticket'],
    [['there is no receiver page'], 'alertmanager receivers 0 name', 'pager'],
    [['no alert is DynoaiGone'], 'alertmanager inhibit_rules 1 source_matchers 0', 'alertname="DynoaiGone"']
  ]
  for (const [faults, ...change] of cases) t.strictSame(checkStack(changed(change), surroundings), faults, change[0])
})

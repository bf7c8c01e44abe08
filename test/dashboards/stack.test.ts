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

// These tests check the compose file and its configuration without a container engine.

const exists = (path: string): boolean => existsSync(new URL(path, root))
const read = (path: string): unknown => parse(readFileSync(new URL(path, root), 'utf8'))

const { port, metricsPath } = readEnvironment({})
const { groups } = read('dashboards/rules/alerts.yml') as RulesFile
const rules = groups.flatMap(({ rules }) => rules)
const context: StackContext = {
  port,
  metricsPath,
  severities: [...new Set(rules.map(({ labels = {} }) => labels['severity'] ?? ''))],
  alerts: rules.map(({ alert = '' }) => alert),
  exists
}

/** Reads the committed files. */
const readStack = (): Stack => ({
  compose: read('examples/compose.yml'),
  prometheus: read('dashboards/prometheus/prometheus.yml'),
  alertmanager: read('dashboards/prometheus/alertmanager.yml'),
  datasources: read('dashboards/provisioning/datasources/prometheus.yml'),
  providers: read('dashboards/provisioning/dashboards/dynoai.yml')
}) as Stack

type Change = readonly [path: string, value: unknown]

/**
 * Reads the committed files and changes one property. The path is a list of keys, separated by spaces. The value
 * `undefined` removes the property.
 * @throws if the property does not exist
 */
function readChanged ([path, value]: Change): Stack {
  const keys = path.split(' ')
  const last = keys.pop() ?? ''
  const stack = readStack()
  const get = (object: unknown, key: string): unknown => (object as Record<string, unknown>)[key]
  const parent = keys.reduce(get, stack as unknown) as Record<string, unknown>
  if (!(last in parent)) throw new Error(`${path} does not exist`)
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return stack
}

const service = (name: string): string => `compose services ${name}`

t.test('the compose file has only known keys, pinned images, read-only mounts and ports on loopback', async t => {
  const { compose } = readStack()
  t.strictSame(checkCompose(compose), [])
  t.strictSame(Object.keys(compose.services), ['dynoai', 'prometheus', 'alertmanager', 'grafana'])
})

t.test('reports the faults of the compose file', async t => {
  const mount = service('prometheus') + ' volumes 0'
  const bind = { create_host_path: false }
  const unknownKey = { type: 'bind', source: '.', target: '/x', read_only: true, readonly: true, bind }
  const port = service('grafana ports 0')
  const portFault = (mapping: string): string =>
    `grafana: the port ${mapping} is not on loopback alone, under its own number`
  const cases: Array<readonly [fault: string, ...change: Change]> = [
    ['unknown version', 'compose', { ...readStack().compose, version: '3' }],
    ['grafana: unknown enviroment', service('grafana'), { image: 'grafana/grafana:12.3.1', enviroment: {} }],
    ['grafana: the image grafana/grafana:latest is not pinned', service('grafana image'), 'grafana/grafana:latest'],
    ['grafana: the image grafana/grafana is not pinned', service('grafana image'), 'grafana/grafana'],
    ['dynoai: the image node:22 is not pinned', service('dynoai image'), 'node:22'],
    ['dynoai: 5001 is not a string', service('dynoai environment PORT'), 5001],
    ['grafana: true is not a string', service('grafana environment GF_AUTH_ANONYMOUS_ENABLED'), true],
    ...['3000:3000', '0.0.0.0:3000:3000', '127.0.0.1:3001:3000'].map(mapping =>
      [portFault(mapping), port, mapping] as const),
    ['prometheus: there is no volume data', service('prometheus volumes 1 source'), 'data'],
    ['prometheus: there is no volume prometheus', 'compose volumes', undefined],
    ['prometheus: a mount of type tmpfs', `${mount} type`, 'tmpfs'],
    ['prometheus: ../dashboards can be written', `${mount} read_only`, false],
    ['prometheus: ../dashboards would be made', `${mount} bind`, undefined],
    ['prometheus: unknown readonly', mount, unknownKey],
    [
      'prometheus: dynoai is not known to be healthy',
      service('prometheus depends_on dynoai condition'),
      'service_started'
    ],
    ['prometheus: dynoai is not known to be healthy', service('dynoai healthcheck'), undefined],
    ['dynoai: the health check is no command', service('dynoai healthcheck test 0'), 'SHELL'],
    [
      'prometheus: the health check asks port 9091',
      service('prometheus healthcheck test 5'),
      'http://127.0.0.1:9091/-/ready'
    ],
    [
      'prometheus: unknown intervall',
      service('prometheus healthcheck'),
      { test: ['CMD', 'http://127.0.0.1:9090'], intervall: '1s' }
    ]
  ]
  for (const [fault, ...change] of cases) t.strictSame(checkCompose(readChanged(change).compose), [fault])
})

t.test('the services of the stack use the same ports and paths, and every mounted file exists', async t => {
  t.strictSame(checkStack(readStack(), context), [])
})

t.test('reports the faults of the stack', async t => {
  const target = 'prometheus scrape_configs 0 static_configs 0 targets 0'
  const alertmanager = 'prometheus alerting alertmanagers 0 static_configs 0 targets 0'
  const main = 'dist/examples/dynoai-api/demo/main.js'
  const otherMain = 'dist/examples/dynoai-api/demo/other.js'
  const withoutRules = {
    ...readStack().compose.services['prometheus'],
    command: ['--config.file=/etc/dynoai/prometheus.yml'],
    volumes: [{ type: 'bind', source: '../dashboards/prometheus', target: '/etc/dynoai' }]
  }
  const homeDashboard = service('grafana environment GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH')
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
    [['alertmanager:9094 is not where alertmanager is'], alertmanager, 'alertmanager:9094'],
    [['localhost:9090 is not where prometheus is'], 'datasources datasources 0 url', 'http://localhost:9090'],
    [['the data source expects scrapes every 1m'], 'datasources datasources 0 jsonData timeInterval', '1m'],
    [['the data source expects scrapes every 15s'], 'prometheus global scrape_interval', '30s'],
    [['Prometheus is not the data source'], 'datasources datasources 0 isDefault', false],
    [[`dynoai does not find /app/${otherMain}`], service('dynoai command 1'), otherMain],
    [[`dynoai does not find /srv/${main}`], service('dynoai working_dir'), '/srv'],
    [[`dynoai does not find ${main}`], service('dynoai working_dir'), undefined],
    [
      ['x/prometheus', 'rules/recording', 'rules/alerts'].map(file =>
        `prometheus does not find /etc/other/${file}.yml`),
      service('prometheus command 0'),
      '--config.file=/etc/other/x/prometheus.yml'
    ],
    [
      ['recording', 'alerts'].map(file => `prometheus does not find /etc/rules/${file}.yml`),
      service('prometheus'),
      withoutRules
    ],
    [['prometheus does not find /etc/dynoai/rules/other.yml'], 'prometheus rule_files 1', '../rules/other.yml'],
    [['alertmanager does not find '], service('alertmanager command'), undefined],
    [
      ['dashboards/prom does not exist', 'alertmanager does not find /etc/dynoai/alertmanager.yml'],
      service('alertmanager volumes 0 source'),
      '../dashboards/prom'
    ],
    [
      ['GF_ANALYTICS_REPORTING_ENABLED is true'],
      service('grafana environment GF_ANALYTICS_REPORTING_ENABLED'),
      'true'
    ],
    [['GF_AUTH_ANONYMOUS_ORG_ROLE is Admin'], service('grafana environment GF_AUTH_ANONYMOUS_ORG_ROLE'), 'Admin'],
    [['the provisioning is not where Grafana looks'], service('grafana volumes 0 target'), '/etc/provisioning'],
    [
      ['/dashboards/dynoai-slo.json is not where the provider looks'],
      service('grafana volumes 2 target'),
      '/dashboards/dynoai-slo.json'
    ],
    [
      ['dynoai-dashboard', 'dynoai-slo', 'dynoai-node'].map(name =>
        `/var/lib/grafana/dashboards/${name}.json is not where the provider looks`),
      'providers providers 0 options path',
      '/dashboards'
    ],
    [
      ['dashboards/dynoai-nodes.json does not exist', 'not all dashboards are mounted'],
      service('grafana volumes 3 source'),
      '../dashboards/dynoai-nodes.json'
    ],
    [['the home dashboard /x.json is not mounted'], homeDashboard, '/x.json'],
    [['page has no route'], 'alertmanager route routes 0 receiver', 'ticket'],
    [['there is no receiver page'], 'alertmanager receivers 0 name', 'pager'],
    [['no alert is DynoaiGone'], 'alertmanager inhibit_rules 1 source_matchers 0', 'alertname="DynoaiGone"']
  ]
  for (const [faults, ...change] of cases) t.strictSame(checkStack(readChanged(change), context), faults, change[0])
})
